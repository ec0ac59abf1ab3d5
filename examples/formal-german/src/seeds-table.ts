import {formatBytes, formatCount, formatShare} from './format.js';
import type {Interval, SeedsResult} from './seeds.js';

/** The comparison over seeds as the table, in Markdown, that the READMEs show. */
export function seedsTable({methods}: SeedsResult): string {
  const head = ['method', 'weights changed', 'delta', 'formal', 'chrF formal', 'chrF other', 'address added'];
  const rows = methods.map(({method, name, changedParameters, bytes, formal, chrF, chrFOther, addressAdded}) => [
    ...[name, formatCount(changedParameters), method === 'seed' ? '' : formatBytes(bytes)],
    ...[share(formal), score(chrF), score(chrFOther), share(addressAdded)],
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A mean with its interval, where the seeds differ: `99 % (96 to 100)`. No share lies outside 0 to 100 %. */
function share({mean, low, high}: Interval): string {
  const cut = (value: number) => Math.round(100 * Math.min(1, Math.max(0, value)));
  return low === high ? formatShare(mean) : `${formatShare(mean)} (${cut(low)} to ${cut(high)})`;
}

function score({mean, low, high}: Interval): string {
  return low === high ? mean.toFixed(1) : `${mean.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
}
