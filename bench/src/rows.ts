import type {Times} from './times.js';

/** A line of a result file: one of our kernels beside something else that does the same, both timed in one run. */
export interface Row {
  question: 'step' | 'kernels';
  backend: string;
  /** How many parameters. */
  n: number;
  /** The share of them that is chosen. */
  density: number;
  /** Which kernel of ours. */
  kernel: string;
  /** Whether the backend has that kernel, or its fallback in plain tfjs ops ran. */
  path: 'fused' | 'fallback';
  /** Which of our steps are meant, where only those whose predicted window hit or missed are. */
  selection?: 'hit' | 'miss';
  ours: Times;
  other: Times & {name: string};
  /** other.median / ours.median */
  ratio: number;
}

/** What a question is asked with. */
export interface Grid {
  backend: string;
  sizes: readonly number[];
  densities: readonly number[];
  /** The command of a Python that has PyTorch, to be measured too. */
  python?: string | undefined;
  /** Gets each row as soon as it is measured. */
  onRow(row: Row): void;
}
