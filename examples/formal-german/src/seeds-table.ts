import {formatBytes, formatCount, formatShare} from './format.js';
import type {Interval, SeedsSummary} from './seeds.js';

/** The comparison over seeds as the table, in Markdown, that the READMEs show. */
export function seedsTable(methods: readonly SeedsSummary[]): string {
  const head = ['method', 'weights changed', 'delta', 'loss', 'formal', 'chrF formal', 'chrF other', 'address added'];
  const rows = methods.map(({method, name, changedParameters, bytes, figures}) => {
    const {loss, formal, chrF, chrFOther, addressAdded} = figures;
    return [
      ...[name, formatCount(changedParameters), method === 'seed' ? '' : formatBytes(bytes)],
      ...[score(loss, 2), share(formal), score(chrF, 1), score(chrFOther, 1), share(addressAdded)],
    ];
  });
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A mean with its interval, where the seeds differ: `99 % (96 to 100)`. No share lies outside 0 to 100 %. */
function share({mean, low, high}: Interval): string {
  const cut = (value: number) => Math.round(100 * Math.min(1, Math.max(0, value)));
  return low === high ? formatShare(mean) : `${formatShare(mean)} (${cut(low)} to ${cut(high)})`;
}

function score({mean, low, high}: Interval, digits: number): string {
  const shown = (value: number) => value.toFixed(digits);
  return low === high ? shown(mean) : `${shown(mean)} (${shown(low)} to ${shown(high)})`;
}
