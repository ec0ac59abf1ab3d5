import Table from 'cli-table3';
import {formatBytes, formatCount, formatShare} from './format.js';
import type {Report} from './report.js';

/** The table that the demo prints. */
export function resultsTable({methods}: Pick<Report, 'methods'>): string {
  const table = new Table({
    head: ['method', 'weights changed', 'bytes on disk', 'formal', 'chrF formal', 'chrF other', 'address added'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: {head: [], border: []},
  });
  for (const {name, changedParameters, bytes, formal, chrF, chrFOther, addressAdded} of methods) {
    const scores = [formatShare(formal), chrF.toFixed(1), chrFOther.toFixed(1), formatShare(addressAdded)];
    table.push([name, formatCount(changedParameters), formatBytes(bytes), ...scores]);
  }
  return table.toString();
}

/** A sentence's translation by each method, one below the other. */
export function translationsTable(
  rows: readonly {source: string; translations: readonly {name: string; german: string}[]}[],
): string {
  return rows
    .map(({source, translations}) => {
      const width = Math.max(...translations.map(({name}) => name.length));
      return [source, ...translations.map(({name, german}) => `  ${name.padEnd(width)}  ${german}`)].join('\n');
    })
    .join('\n\n');
}
