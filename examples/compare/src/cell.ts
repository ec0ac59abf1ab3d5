import {createHash} from 'node:crypto';
import type {BackendName} from '@subset-tuning/example-shared';

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | {readonly [key: string]: Json};

/** One run of tuning: all that its result depends on. */
export interface Cell {
  /** Raised where the same cell would give another result than before. */
  version: 1;
  model: string;
  task: string;
  method: string;
  /** What the budget finder chose for the method: a density, a rank, … */
  choice: {readonly parameters: number; readonly [key: string]: Json};
  learningRate: number;
  steps: number;
  tokensPerStep: number;
  /** Of the order of the batches and of whatever the method draws. */
  seed: number;
  /** Each rounds in its own way. */
  backend: BackendName;
  /** `validation`: its loss alone, for the choice of the learning rate. */
  split: 'validation' | 'test';
}

/** What came of it. No times: a cell gives the same result whenever it is run. */
export interface CellResult {
  /** Values that the file stores. */
  parameters: number;
  /** Bytes of the file. */
  bytes: number;
  /** Mean loss a token of the split, in nats. Null where it is not finite. */
  loss: number | null;
  /** Of `test` alone: mean loss a token of the unrelated rows. */
  unrelatedLoss?: number | null;
  /** Of `test` alone: the task's figures by name. */
  figures?: {readonly [name: string]: number};
}

/** A cell's name: SHA-256 of its configuration, whose keys are sorted, in hexadecimal digits. */
export function cellHash(cell: Cell): string {
  return createHash('sha256').update(canonical(cell)).digest('hex');
}

/** JSON with sorted keys: equal configurations give equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
