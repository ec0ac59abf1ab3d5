import type {SpanExtractor} from '@subset-tuning/models';
import {type SquadRow, score, squad} from '@subset-tuning/tasks';

/** An answer to each question, by its id: what SQuAD's official script reads. */
export type Answers = Record<string, string>;

/** SQuAD's scores, from 0 to 100. */
export interface Scores {
  f1: number;
  exact: number;
}

/** What a model answers. */
export async function answersOf(model: SpanExtractor, rows: readonly SquadRow[]): Promise<Answers> {
  const answers: Answers = {};
  for (const {id, question, context} of rows) answers[id] = (await model.predict(question, context)).text;
  return answers;
}

/** How good answers are; the same numbers as those of `evaluate-v1.1.py`. */
export function scoresOf(answers: Answers, rows: readonly SquadRow[]): Scores {
  const given = rows.map(({id}) => answers[id]);
  const right = rows.map((row) => row.answers.map(({text}) => text));
  const {f1, exact} = score(squad(), given, right).details;
  return {f1: Number(f1), exact: Number(exact)};
}
