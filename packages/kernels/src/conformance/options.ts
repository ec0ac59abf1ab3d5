import type {ContractKernel} from '../contract.js';

/** What the suite runs, and what it holds a backend to. */
export interface ConformanceOptions {
  /** Which code must have run on the active backend. A case fails where it was the other. */
  path: 'fused' | 'fallback';
  /** Kernels to test. Default: all of the contract. */
  kernels?: readonly ContractKernel[];
  /**
   * `exact`: `SubsetStep` and the relative distance must equal the reference bit for bit, as IEEE float32 in the
   * reference's order does. `close`: they may round otherwise, and the subset may differ where that decides. What does
   * not depend on rounding (`TopKMask` and `SubsetProject` with other distances, what is outside the subset, seeds)
   * must be the same bit for bit in any case. Default `exact`.
   */
  rounding?: 'exact' | 'close';
  /** How many random cases to run besides. Default 200. */
  random?: number;
  /** Where their generator starts. Default 1. */
  seed?: number;
  /** Also n = 20,000,003, above 2²⁴: about a gigabyte and some seconds. Default false. */
  large?: boolean;
  /** Whether the kernels predict a threshold: then a slow run must show hits. Default false. */
  predicts?: boolean;
}

export type CheckedOptions = Required<ConformanceOptions>;

/** One case of the suite, for any test runner. */
export interface ConformanceCase {
  name: string;
  /** Rejects with an Error that says what differed. Leaves no tensor behind. */
  run(): Promise<void>;
}
