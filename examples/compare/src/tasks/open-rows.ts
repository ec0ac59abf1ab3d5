import {batchesByTokens} from '@subset-tuning/trainer';
import type {Scalar} from '@tensorflow/tfjs-core';
import type {OpenTask} from './compared-task.js';

/** Rows of a task, encoded, and what to do with them. */
interface TaskRows<Row> extends Pick<OpenTask, 'model' | 'measure'> {
  train: readonly Row[];
  validation: readonly Row[];
  test: readonly Row[];
  /** Tokens of a row. */
  lengthOf(row: Row): number;
  /** The mean loss of some rows. */
  loss(rows: readonly Row[]): Scalar;
  /** Of how many parts of a row its share of that mean is. */
  weightOf(row: Row): number;
  /** So many rows at most are measured at once. */
  atOnce: number;
}

/** The parts of an open task that any rows have. */
export function openRows<Row>({
  model,
  measure,
  train,
  lengthOf,
  loss,
  ...held
}: TaskRows<Row>): Omit<OpenTask, 'watchUnrelated'> {
  return {
    model,
    measure,
    *batches({tokens, seed}) {
      for (const rows of batchesByTokens(train, {tokens, seed, lengthOf})) {
        yield {tokens: rows.reduce((sum, row) => sum + lengthOf(row), 0), loss: () => loss(rows)};
      }
    },
    loss: (split) => meanLoss(held[split], {...held, lengthOf, loss}),
  };
}

/** The mean over all rows, some at a time: those of about one length, so that little is padded. */
export async function meanLoss<Row>(
  rows: readonly Row[],
  {loss, lengthOf, weightOf, atOnce}: Pick<TaskRows<Row>, 'loss' | 'lengthOf' | 'weightOf' | 'atOnce'>,
): Promise<number> {
  const sorted = [...rows].sort((a, b) => lengthOf(a) - lengthOf(b));
  let [sum, count] = [0, 0];
  for (let from = 0; from < rows.length; from += atOnce) {
    const some = sorted.slice(from, from + atOnce);
    const weight = some.reduce((total, row) => total + weightOf(row), 0);
    const made = loss(some);
    try {
      sum += weight * (await made.data())[0];
      count += weight;
    } finally {
      made.dispose();
    }
  }
  return sum / count;
}
