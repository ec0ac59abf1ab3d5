import {type DataSet, loadSplit, splitRows} from '@subset-tuning/tasks';

/** The rows of a task by what they are for. */
export interface RowParts<Row> {
  train: readonly Row[];
  /** What learning rates are chosen by. */
  validation: readonly Row[];
  test: readonly Row[];
}

/** At most so many rows are tested on. */
const TEST_ROWS = 512;

/**
 * All labelled rows of a task of SuperGLUE, of the training and the validation split, parted anew: a quarter, or so many, is
 * tested on, half as many are for validation, so that 32 training rows, as FewGLUE has, do. The numbers compare methods with
 * each other, and not with a leaderboard.
 */
export async function partAnew<Row extends object>(dataSet: DataSet<Row>, place: string): Promise<RowParts<Row>> {
  const all = [...(await loadSplit(dataSet, place, 'train')), ...(await loadSplit(dataSet, place, 'validation'))];
  const count = Math.min(TEST_ROWS, Math.floor(all.length / 4));
  const {train: others, heldOut: test} = splitRows(all, count, 0);
  const {train, heldOut: validation} = splitRows(others, Math.floor(count / 2), 0);
  return {train, validation, test};
}
