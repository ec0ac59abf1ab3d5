import type {Side} from './compare.js';
import type {Data} from './data.js';
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
  /** A dense step to be measured too: the floor under ours. */
  dense?: ((data: Data) => Side) | undefined;
  /** PyTorch's steps to be measured too, by the number of parameters and the density. */
  pytorch?: ((n: number, density: number) => Row['other'][]) | undefined;
  /** Gets each row as soon as it is measured. */
  onRow(row: Row): void | Promise<void>;
}
