import {formatDensity} from './format.js';
import type {Method} from './methods.js';
import {interval, type SeedRow} from './seeds.js';

const OURS: readonly Method[] = ['weighted', 'shrinking'];
const RIVALS: readonly Method[] = ['paper', 'gradient'];

/**
 * By how much the loss differs between methods that saw the same data in the same order, in Markdown: the mean over seeds
 * with its 95 % interval.
 */
export function pairedTable(rows: readonly SeedRow[]): string {
  const pairs = OURS.flatMap((ours) => RIVALS.map((rival) => ({ours, rival})));
  const ofMethod = (wanted: Method) => rows.filter(({method}) => method === wanted);
  const densities = [...new Set(ofMethod('paper').map(({density}) => density))];
  const head = ['budget', ...pairs.map(({ours, rival}) => `${ours} − ${rival}`)];
  const body = densities.map((density) => [
    formatDensity(density),
    ...pairs.map(({ours, rival}) => {
      const differences = ofMethod(ours)
        .filter((row) => row.density === density)
        .map((row) => row.loss - lossOf(rows, rival, row));
      const {mean, low, high} = interval(differences);
      return `${signed(mean)} (${signed(low)} to ${signed(high)})`;
    }),
  ]);
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function lossOf(rows: readonly SeedRow[], wanted: Method, {density, seed}: SeedRow): number {
  const found = rows.find((row) => row.method === wanted && row.density === density && row.seed === seed);
  if (!found) throw new Error(`no run of ${wanted} at density ${density} with seed ${seed}`);
  return found.loss;
}

function signed(value: number): string {
  return `${value > 0 ? '+' : '−'}${Math.abs(value).toFixed(2)}`;
}
