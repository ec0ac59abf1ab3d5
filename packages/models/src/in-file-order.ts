import type {Range} from './join-reads.js';
import type {OpenFile} from './read-folder.js';
import type {Weight} from './weight.js';

/** Weights in the order in which they lie in their files, each of which is told what will be read of it. */
export function inFileOrder(weights: ReadonlyMap<string, Weight>): [name: string, weight: Weight][] {
  const ordered: [name: string, weight: Weight][] = [];
  const files = new Map<OpenFile, [name: string, weight: Weight, range: Range][]>();
  for (const [name, weight] of weights) {
    if (!weight.place) {
      ordered.push([name, weight]);
      continue;
    }
    const {file, range} = weight.place;
    const those = files.get(file) ?? [];
    files.set(file, those);
    those.push([name, weight, range]);
  }
  for (const [file, those] of files) {
    those.sort(([, , a], [, , b]) => a[0] - b[0] || a[1] - b[1]);
    file.plan?.(those.map(([, , range]) => range));
    for (const [name, weight] of those) ordered.push([name, weight]);
  }
  return ordered;
}
