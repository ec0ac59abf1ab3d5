import type {CurvePoint} from '@subset-tuning/trainer';
import type {Method} from './methods.js';

/** How well a model does on held-out sentences. */
export interface Measures {
  /** Mean loss a token of the German of the formal test rows. */
  loss: number;
  /** The share of the test translations that address the reader formally, 0 to 1. */
  formal: number;
  /** chrF on the formal test rows, 0 to 100. */
  chrF: number;
  /** chrF on sentences that address nobody, 0 to 100: what was forgotten. */
  chrFOther: number;
  /** The share of these sentences' translations that address somebody all the same, 0 to 1. */
  addressAdded: number;
}

/** The subset at a step, tensor by tensor. */
export interface Snapshot {
  step: number;
  /** By the tensor's name: how many of its entries are in the subset, and how many of those still are at the end. */
  tensors: Record<string, {size: number; stay: number}>;
}

export interface MethodReport extends Measures {
  method: Method | 'seed';
  /** The share of the weights that may differ from the seed, 0 to 1. */
  density: number;
  /** Weights that do differ. */
  changedParameters: number;
  totalParameters: number;
  /** Size of the delta file. */
  bytes: number;
  /** Name in tables and charts, such as `shrinking 0.01 %`. */
  name: string;
  learningRate: number;
  /** Seconds for training alone. */
  trainingSeconds: number;
  /** Loss, rate, subset and churn of each step. */
  curve: CurvePoint[];
  /** Share of formal translations on the validation sentences, along the way. */
  validation: {step: number; formal: number}[];
  snapshots: Snapshot[];
  /** Of the selections after the tenth step, the share that last step's threshold predicted; none of a fixed subset. */
  predicted?: number;
  /** One for each English sentence of `sentences`. */
  translations: string[];
}

/** What `demo-report/report.json` holds. Shares are from 0 to 1, chrF from 0 to 100, times in seconds. */
export interface Report {
  methods: MethodReport[];
  proofs: {
    /** The seed, read from disk anew, with each delta gives the tuned model's outputs, bit for bit. */
    reloadBitExact: boolean;
    /** After the delta is taken back the weights and outputs are the seed's, bit for bit. */
    revertBitExact: boolean;
  };
  backend: string;
  seconds: number;
  /** The seed of the order of the data and of the random subset. */
  seed: number;
  quick: boolean;
  steps: number;
  tokensPerStep: number;
  /** The formal test sentences, each with its reference translations. */
  sentences: {source: string; references: string[]}[];
  /** The tensors of the model, in its own order. */
  tensors: {name: string; shape: number[]}[];
}
