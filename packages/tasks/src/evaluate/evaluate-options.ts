import {
  abortSignal,
  callable,
  checkOptions,
  flag,
  type Kinds,
  oneOf,
  optional,
  text,
  wholeNumber,
} from '@subset-tuning/checks';
import type {DataPlace} from '../data/open-place.js';
import {SEED} from '../data/sample.js';
import type {Prompt} from '../prompts/prompt.js';
import type {WriteFile} from './result-files.js';

/** What {@link evaluate} must and can be told. */
export interface EvaluateOptions {
  /** Where the task's data set lies: a folder, its URL, `datasets/owner/name` on the hub, or what opens its files. */
  data: DataPlace;
  /** Which rows. Default: the task's `splits.evaluation`. */
  split?: string;
  /** At most so many rows, from the start. Default all. */
  limit?: number;
  /**
   * The name of one of the task's prompts, or a prompt. Default `causal`; `textToText` for a model of encoder and decoder;
   * `encoder` for one that writes no text.
   */
  prompt?: string | Prompt;
  /** How many rows with their answers are shown before each. Default: the task's own number, or none. */
  shots?: number;
  /** `random` shows others before each row, `first` the first rows of the training split. Default `random`. */
  sampler?: 'random' | 'first';
  /** Of the random shots and of bootstrapped standard errors. Default 0. */
  seed?: number;
  /** Whether the model is asked as in a chat, by its own template. Default false. */
  chat?: boolean;
  /** What a chat model is told at first; without a chat it stands before the prompt. */
  system?: string;
  /** Whether in a chat each shot is a message with its answer. Default false. */
  shotsAsTurns?: boolean;
  /**
   * By what a choice's log-likelihood is divided before metrics other than `acc`, `acc_norm` and `acc_bytes` (which are
   * told in any case) get the best one: nothing, its characters or its bytes. Default `none`.
   */
  normalization?: Normalization;
  /** At most so many rows at a time. Default 16. */
  batchSize?: number;
  /** At most so many tokens of an answer. Default 256, or half of the model's places where those are fewer. */
  maxTokens?: number;
  /** Ends the evaluation with an error, the signal's reason. What is written by then stays. */
  signal?: AbortSignal;
  /** Told before the first batch and after each. */
  onProgress?: (progress: EvaluationProgress) => void;
  /**
   * Receives the files that lm-evaluation-harness writes: a folder (in Node, Deno and Bun), or what appends a text to the
   * file of a name. Default: nothing is written.
   */
  output?: string | WriteFile;
}

/** By what a log-likelihood is divided: see `normalization` of {@link EvaluateOptions}. */
export type Normalization = 'none' | 'characters' | 'bytes';

/** How far an evaluation is. */
export interface EvaluationProgress {
  /** Rows that are answered. */
  done: number;
  /** Rows that there are. */
  total: number;
}

const OPTIONS: Kinds<EvaluateOptions> = {
  data: {expected: 'a folder, a URL, datasets/owner/name or a function', is: (value) => value !== undefined},
  split: optional(text),
  limit: optional(wholeNumber(1)),
  prompt: {
    expected: 'the name of a prompt, or a prompt',
    is: (value) => value === undefined || text.is(value) || Object(value) === value,
  },
  shots: optional(wholeNumber(0)),
  sampler: optional(oneOf(['random', 'first'])),
  seed: optional(SEED),
  chat: optional(flag),
  system: optional(text),
  shotsAsTurns: optional(flag),
  normalization: optional(oneOf(['none', 'characters', 'bytes'])),
  batchSize: optional(wholeNumber(1)),
  maxTokens: optional(wholeNumber(1)),
  signal: optional(abortSignal),
  onProgress: optional(callable),
  output: {
    expected: 'a folder or a function',
    is: (value) => value === undefined || callable.is(value) || (text.is(value) && value !== ''),
  },
};

export function checkEvaluateOptions(options: EvaluateOptions): void {
  checkOptions('evaluate', options, OPTIONS);
}
