import {existsSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {Tinypool} from 'tinypool';
import type {Cell, CellResult, Setting} from './cell.js';

/** What a study's file holds. */
export interface StudyResult {
  /** All but the paths. */
  setting: Omit<Setting, 'model' | 'train' | 'test'>;
  rows: CellResult[];
}

/** Rates of each method, the weighted ones' lower. */
export const CELLS: readonly Cell[] = [
  {method: 'seed', learningRate: 0},
  ...cells([0.003, 0.01], ['paper', 'weighted', 'shrinking']),
  ...cells([0.01], ['gradient']),
  ...cells([0.03], ['paper']),
  ...cells([0.001], ['weighted', 'shrinking', 'gradient']),
  ...cells([0.003], ['gradient']),
];

function cells(learningRates: readonly number[], methods: readonly Cell['method'][]): Cell[] {
  return learningRates.flatMap((learningRate) => methods.map((method) => ({method, learningRate})));
}

/** Runs the cells that a file does not have yet, each in a thread of its own, and adds each to the file as it ends. */
export async function study(
  setting: Setting,
  file: string,
  cells: readonly Cell[],
  onResult: (result: CellResult) => void,
): Promise<StudyResult> {
  const {density, steps, rowsPerStep, tokensAtMost, heldOut} = setting;
  const result: StudyResult = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : {setting: {density, steps, rowsPerStep, tokensAtMost, heldOut}, rows: []};
  const placeOf = ({method, learningRate}: Cell) =>
    cells.findIndex((cell) => cell.method === method && cell.learningRate === learningRate);
  const missing = cells.filter(
    ({method, learningRate}) => !result.rows.some((row) => row.method === method && row.learningRate === learningRate),
  );
  const pool = new Tinypool({filename: new URL('./cell.js', import.meta.url).href, minThreads: 1, maxThreads: 2});
  try {
    await Promise.all(
      missing.map(async (cell) => {
        const row: CellResult = await pool.run({cell, setting}, {name: 'runCell'});
        result.rows.push(row);
        result.rows.sort((a, b) => placeOf(a) - placeOf(b));
        write(file, result);
        onResult(row);
      }),
    );
  } finally {
    await pool.destroy();
  }
  return result;
}

/** Under another name first, so that no run that is ended leaves half of a file. */
function write(file: string, result: StudyResult): void {
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(`${file}.new`, `${JSON.stringify(result, null, 1)}\n`);
  renameSync(`${file}.new`, file);
}
