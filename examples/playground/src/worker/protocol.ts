import type {SentencePair} from '@subset-tuning/tasks';

export const BACKENDS = ['webgpu', 'webgl', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** How the weights that may change are chosen. */
export const METHODS = ['subset', 'shrinking', 'gradient', 'random', 'full'] as const;
export type Method = (typeof METHODS)[number];

/** Where a model comes from. */
export type Source = {kind: 'translator'; base: string} | {kind: 'files'; files: File[]} | HubSource;

/** A model on the hub; `offline` reads what this browser has of it, and asks the hub for nothing. */
export interface HubSource {
  kind: 'hub';
  id: string;
  offline?: boolean;
}

/** What the page must know of a loaded model. */
export interface ModelInfo {
  id: string;
  /** A translator takes English and gives German; any other model takes a prompt and gives an answer. */
  isTranslator: boolean;
  parameters: number;
  tensors: {name: string; shape: number[]}[];
  /** The backend that computes, in words: `wasm, 4 threads`. */
  backend: string;
}

/** How far loading has come. */
export interface LoadProgress {
  what: string;
  /** Bytes so far and in all, where they are known. */
  loaded?: number;
  total?: number;
}

/** What a run of training is told. */
export interface Recipe {
  method: Method;
  /** How many weights may change. */
  budget: number;
  learningRate: number;
  steps: number;
  /** About how many tokens a step sees. */
  tokensPerStep: number;
  /** Seed of the order of the pairs and of a random subset. */
  seed: number;
}

export interface TrainingJob {
  recipe: Recipe;
  pairs: SentencePair[];
  /** Sentences that are translated anew every few steps. */
  probes: string[];
}

/** What a step did. */
export interface StepReport {
  step: number;
  loss: number;
  tokensPerSecond: number;
  /** Share of the subset that came in with this step. */
  churn: number;
  /** Weights that differ from the seed. */
  size: number;
  seconds: number;
}

/** Where the chosen weights lie: flat positions by the tensor's name. */
export type Places = Map<string, Uint32Array>;

/**
 * By what the page stops a step that runs: memory that is shared with it, or where there is none an address that the page
 * takes away.
 */
export type StopSign = SharedArrayBuffer | string;

/** What is looked at every few steps. */
export interface Glance {
  step: number;
  /** The answers to the probes. */
  answers: string[];
  places: Places;
}

/** How far a run of training came, for this worker or another. */
export interface Checkpoint {
  step: number;
  /** The delta so far, as a file. */
  delta: Uint8Array;
  /** The optimizer's own state, by which the run can be gone on with; none where it is too large to be kept. */
  state: SavedTensor[] | undefined;
}

export interface SavedTensor {
  name: string;
  shape: number[];
  dtype: 'float32' | 'int32';
  values: Float32Array | Int32Array;
}

/** What is kept of a run. */
export interface CheckpointReport {
  step: number;
  goesOn: boolean;
}

/** What the page hears while a model is taught. */
export interface TrainingEvents {
  onStep(report: StepReport): void;
  onGlance(glance: Glance): void;
  /** Of a run that is cut off, this is kept; it `goesOn` from here where the optimizer's state is kept, too. */
  onCheckpoint(point: CheckpointReport): void;
}

/** What became of a run. */
export interface TrainingResult {
  /** Steps taken in all. */
  steps: number;
  /** The delta as a file; undefined where no weight changed. */
  delta: Uint8Array | undefined;
  places: Places;
}

/** A delta that was applied. */
export interface Applied {
  /** What it took, in milliseconds. */
  milliseconds: number;
  changed: number;
  base: string;
  places: Places;
}

/** Answers of the seed (undefined where there is no copy of it and the weights are others now) and of the model as it is. */
export interface Answers {
  seed: string[] | undefined;
  tuned: string[];
}
