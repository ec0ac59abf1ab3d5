import type {SquadRow} from '@subset-tuning/tasks';

/** Rows as a document that SQuAD's own script reads: a paragraph a question. */
export function inSquadFormat(rows: readonly SquadRow[]): object {
  const paragraphs = rows.map(({context, id, question, answers}) => ({context, qas: [{id, question, answers}]}));
  return {version: '1.1', data: [{title: '', paragraphs}]};
}
