import type {Spread} from './times.js';

/** One of two programs that do the same with a model, each in a process of its own. Times in milliseconds. */
export interface ModelTimes extends Spread {
  /** The largest resident memory until then, less what the process had before it read the model. */
  peakBytes: number;
  /** The optimizer's part of a step. */
  optimizer?: Spread;
  /** Before the first step, in nats a token. */
  loss?: number;
}

/** A line of a result file about a whole model. */
export interface ModelRow {
  question: 'load' | 'train';
  backend: string;
  /** What it runs on, in words. */
  device: string;
  /** The model's file or folder, by name. */
  model: string;
  /** How many parameters. */
  n: number;
  /** The share of them that is chosen. */
  density?: number;
  /** Tokens of a step. */
  tokens?: number;
  recompute?: boolean;
  ours: ModelTimes;
  /** The same by transformers and PyTorch, where a Python that has them is named. */
  other?: ModelTimes & {name: string};
  /** other.median / ours.median */
  ratio?: number;
  /** What ours holds at the end of a step whatever it keeps besides: weights, slots and gradients. */
  stateBytes?: number;
}
