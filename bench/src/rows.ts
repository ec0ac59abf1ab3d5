import type {StepDistance} from '@subset-tuning/kernels';
import type {Floor} from './floors.js';
import type {Times} from './times.js';

/** A line of a result file: one of our kernels beside something else that does the same, both timed in one run. */
export interface Row {
  question: 'step' | 'kernels';
  backend: string;
  /** What it runs on, in words: the processor, or the GPU and its driver. */
  device: string;
  /** How many parameters. */
  n: number;
  /** The share of them that is chosen. */
  density: number;
  /** Which kernel of ours. */
  kernel: string;
  /** Whether the backend has that kernel, or its fallback in plain tfjs ops ran. */
  path: 'fused' | 'fallback';
  /** The distance that we choose by, where that is not the absolute one. */
  distance?: StepDistance;
  /** Which of our steps are meant, where only those whose predicted window hit or missed are. */
  selection?: 'hit' | 'miss';
  /** The share of all of our steps whose window hit. */
  hits?: number;
  ours: Times;
  other: Times & {name: string};
  /** other.median / ours.median */
  ratio: number;
  /** The same by the GPU's clock. */
  gpuRatio?: number;
}

/** What a question is asked with. */
export interface Grid {
  backend: string;
  device: string;
  sizes: readonly number[];
  densities: readonly number[];
  /** The distance that a step chooses by; by default the absolute one. */
  distance?: StepDistance;
  /** How many calls in a row are timed together: what waits for the backend is no part of a call. */
  inARow: number;
  /** How many turns two sides take; by default as many as the question thinks right. */
  turns?: number | undefined;
  /** What not to compare with, by name. */
  without?: readonly string[];
  /** To be measured too by name: what bounds a step from below. */
  floors?: Record<string, Floor> | undefined;
  /** PyTorch's steps to be measured too, by the number of parameters and the density. */
  pytorch?: ((n: number, density: number) => Row['other'][]) | undefined;
  /** Gets each row as soon as it is measured. */
  onRow(row: Row): void | Promise<void>;
}

/** The end of a row: both sides and their ratios. */
export function sides(ours: Times, other: Row['other']): Pick<Row, 'ours' | 'other' | 'ratio' | 'gpuRatio'> {
  const gpuRatio = ours.gpu && other.gpu && other.gpu.median / ours.gpu.median;
  return {ours, other, ratio: other.median / ours.median, ...(gpuRatio !== undefined && {gpuRatio})};
}
