import {existsSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type Cell, type CellResult, canonical, cellHash} from './cell.js';

/** Results of cells, each in a file that is called by the cell's hash. */
export interface CellStore {
  /** The result of a cell that was run; undefined where it was not, or where its file is not sound. */
  read(cell: Cell): CellResult | undefined;
  write(cell: Cell, result: CellResult): void;
}

/** A store in a folder, which is made where it is not there. */
export function cellStore(folder: string): CellStore {
  mkdirSync(folder, {recursive: true});
  const fileOf = (cell: Cell) => join(folder, `${cellHash(cell)}.json`);
  return {
    read(cell) {
      const file = fileOf(cell);
      if (!existsSync(file)) return undefined;
      const found = parse(readFileSync(file, 'utf8'));
      if (found && canonical(found.cell) === canonical(cell) && isResult(found.result, cell)) return found.result;
      console.error(`${file}: not the result of its cell, which is run again`);
      return undefined;
    },
    write(cell, result) {
      const file = fileOf(cell);
      // Under another name first, so that a run that is killed leaves no half of a file.
      writeFileSync(`${file}.new`, `${JSON.stringify({cell, result}, null, 1)}\n`);
      renameSync(`${file}.new`, file);
    },
  };
}

function parse(text: string): {cell?: unknown; result?: unknown} | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isResult(value: unknown, {split}: Cell): value is CellResult {
  if (typeof value !== 'object' || value === null) return false;
  const {parameters, bytes, loss, unrelatedLoss, figures}: Partial<Record<string, unknown>> = {...value};
  const isLoss = (given: unknown) => given === null || typeof given === 'number';
  if (!Number.isSafeInteger(parameters) || !Number.isSafeInteger(bytes) || !isLoss(loss)) return false;
  if (split === 'validation') return true;
  if (!isLoss(unrelatedLoss) || typeof figures !== 'object' || figures === null) return false;
  return Object.values(figures).every((figure) => typeof figure === 'number');
}
