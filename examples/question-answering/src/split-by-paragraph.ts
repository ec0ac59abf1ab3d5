import {type SquadRow, splitRows} from '@subset-tuning/tasks';

/** Rows to learn from, and rows about paragraphs that none of those is about. */
export interface Split {
  training: SquadRow[];
  heldOut: SquadRow[];
}

/** Parts questions by the paragraphs that they are about: a share of the paragraphs is held out, drawn by seed. */
export function splitByParagraph(rows: readonly SquadRow[], share: number, seed: number): Split {
  const paragraphs = [...new Set(rows.map(({context}) => context))];
  const heldOut = new Set(splitRows(paragraphs, share, seed).heldOut);
  return {
    training: rows.filter(({context}) => !heldOut.has(context)),
    heldOut: rows.filter(({context}) => heldOut.has(context)),
  };
}
