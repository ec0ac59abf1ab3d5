import type {TensorInfo} from '@tensorflow/tfjs-core';

/**
 * The kernel contract: what a backend package registers with `tf.registerKernel`, and what the optimizer calls.
 *
 * A kernel takes a flat array of tensors and returns a flat array of tensors, in the orders that the `…Inputs` and
 * `…Outputs` types give. The tensors of a silo are laid end to end in registration order; where this text speaks of
 * an index it means the place in that one long row.
 *
 * **Whose memory is whose.** Slots and subset state belong to the optimizer: where no other tensor shares their data
 * (`backend.refCount`) a kernel may write its outputs into them and return the same data again (`backend.incRef`). So a
 * clone of them is a copy for whoever reads it while further steps go on. Every other input is never written.
 */
export const CONTRACT_VERSION = 2;

/** The kernel that chooses the k largest of a tensor. */
export const TopKMask = 'TopKMask';
/** The kernel that projects what any optimizer proposes onto the subset. */
export const SubsetProject = 'SubsetProject';
/** The kernel that does a whole step: update rule, distance, selection and reset. */
export const SubsetStep = 'SubsetStep';
/** The kernels of the contract, in the order in which a backend would write them. */
export const CONTRACT_KERNELS = [TopKMask, SubsetProject, SubsetStep] as const;
/**
 * The kernel that measures gradients: inputs are float32 tensors of any shapes and number, the output is a float32 scalar,
 * the Euclidean norm of all their finite elements taken together, in units of {@link NORM_UNIT}. It is right to 1e-5 of
 * itself. Only a backend needs it on which plain ops are slow at that: elsewhere they do it.
 */
export const FiniteNorm = 'FiniteNorm';
/** What a {@link FiniteNorm} counts in, 2³²: so that the norm of finite float32 numbers is one, whatever they are. */
export const NORM_UNIT = 2 ** 32;
/**
 * The kernel that does the steps of several silos at once. Inputs and outputs are those of the single steps one after the
 * other. Only a backend needs it on which to start a kernel takes long beside what the kernel does. Where it cannot do it
 * at present it gives nothing, and has done nothing: the silos then step by {@link SubsetStep}. After an error everything
 * is as before, in all of them, unless memory ran out in the midst of it: then slots may be those after the step.
 */
export const SubsetSteps = 'SubsetSteps';
/** The name of a kernel of the contract. */
export type ContractKernel = (typeof CONTRACT_KERNELS)[number];

/**
 * How far a proposed value a lies from its seed b, in float32:
 * `absolute` |a−b|, `relative` |a−b| / (|b| + η), `weighted` |a−b|·|b|.
 * Each operation rounds to float32, and whatever is subnormal, a, b or a result on the way, counts as zero. The distance
 * of an a that is not finite is zero, and so is one that comes out NaN.
 *
 * An **importance** w, where one is given, multiplies the distance δ: it becomes δ·|w|, rounded and flushed as above.
 */
export type Distance = 'absolute' | 'relative' | 'weighted';

/**
 * The distances of a `SubsetStep`. `fisher`, for the rule `adam` alone, is |a−b|·√v̂: the absolute distance whose
 * importance is √v / √correction2, v being the second moment after this step (a subnormal v counts as zero). v̂ estimates
 * the diagonal of the empirical Fisher matrix, so that the square is, up to a factor, by how much the loss should change
 * (LeCun, Denker & Solla 1990, Optimal Brain Damage).
 */
export type StepDistance = Distance | 'fisher';

/** `TopKMask`: attributes. Without y the magnitude |x| counts, with it the distance of x from y. */
export interface TopKMaskAttrs {
  /** How many elements to choose, 0 ≤ k ≤ size. Fewer are chosen where fewer lie farther than zero. */
  k: number;
  /** Which distance, where y is given. */
  distance: Distance;
  /** η of the relative distance. */
  eta: number;
}
/** `TopKMask` inputs, float32 and of one shape. */
export type TopKMaskInputs =
  | [x: TensorInfo]
  | [x: TensorInfo, y: TensorInfo]
  | [x: TensorInfo, y: TensorInfo, importance: TensorInfo];
/** A bool tensor of x's shape: the k largest, of equal ones those of lowest index. */
export type TopKMaskOutputs = [mask: TensorInfo];

/**
 * The subset state of a silo, three tensors:
 * - `mask`, int32: one bit a parameter, bit i % 32 of word ⌊i / 32⌋ within a tensor. Each tensor of the silo starts a
 *   new word ({@link maskWords}); bits past a tensor's end are 0;
 * - `seeds`, float32 `[max(1, capacity)]`: the seed values of the chosen entries in index order, bit for bit, then zeros;
 * - `info`, int32 `[16]`: what the last step did, see {@link Info}; the rest is the backend's own memory (a predicted
 *   threshold, a window's width) and starts as zeros.
 *
 * On webgl, where int32 is exact only up to 2²⁴, each 32-bit word of `mask` and `info` takes two elements: its low 16
 * bits, then its high 16 bits, both from 0 to 65535. `readState` and `stateFromArrays` join and split them, so that
 * states as arrays, and what is saved of them, are the same everywhere.
 *
 * Outside the subset the current value *is* the seed.
 */
export type SubsetState<T = TensorInfo> = [mask: T, seeds: T, info: T];

/** Places in the state's `info` tensor. */
export const Info = {
  /** How many entries the subset holds. */
  size: 0,
  /** How many of them were not in it before the last step. */
  entered: 1,
  /** How many were in it before and are not any more. */
  left: 2,
  /** The float32 bits of the smallest distance that was chosen at the last selection; 0 where none was. */
  threshold: 3,
  /** Gradient elements that were not finite, after scaling, at the last step. */
  nonFiniteGradients: 4,
  /** Proposals that were not finite at the last step, inside the subset and outside. */
  nonFiniteProposals: 5,
  /** How the last step selected, see {@link Path}. */
  path: 6,
  /** Selections that one pass decided, by a window that was predicted or, on tensorflow, sampled, since the start. */
  hits: 7,
  /** Selections that needed more (a histogram, or a sample where nothing was predicted), since the start. */
  misses: 8,
  /** The first of the places that are the backend's own. */
  own: 9,
} as const;
/** Length of the state's `info` tensor. */
export const INFO_LENGTH = 16;

/** Values of {@link Info}.path: no step yet, subset kept, selection by the predicted threshold, selection without. */
export const Path = {none: 0, kept: 1, hit: 2, miss: 3} as const;

/** What every selecting kernel needs to know of a silo. */
export interface SelectionAttrs {
  /** Sizes of the silo's tensors, in registration order. */
  sizes: number[];
  /**
   * The budget: at most this many entries are in the subset, 0 ≤ k ≤ Σ sizes. The new `seeds` is `[max(1, k)]`; with a
   * kept subset it is as long as the old.
   */
  k: number;
  distance: StepDistance;
  eta: number;
  /**
   * True to choose the subset anew; false to keep the one of the state, whatever `k` says. An entry of a kept subset
   * whose proposal is not finite keeps its current value, and `info` keeps its threshold, hits and misses.
   */
  reselect: boolean;
}

/**
 * `SubsetProject` inputs: all proposals, then all current values, then, where `attrs.important`, all importances (all
 * float32), then the state.
 */
export type SubsetProjectInputs = TensorInfo[];
/** `SubsetProject` outputs: all new values, then the new state. */
export type SubsetProjectOutputs = TensorInfo[];
/** `SubsetProject`: attributes. */
export interface SubsetProjectAttrs extends SelectionAttrs {
  distance: Distance;
  /** Whether importances are among the inputs. */
  important: boolean;
}

/**
 * The elementwise update rules that a `SubsetStep` fuses, with the numbers of one step. Where the scaled gradient is not
 * finite the slots and the parameter stay as they are: the proposal is the current value, without decay.
 * `reference/update-rule.ts` fixes the order in which a step rounds.
 */
export type FusedRule = SgdNumbers | MomentumNumbers | AdamNumbers;

/** The numbers that every rule has. */
export interface RuleNumbers {
  learningRate: number;
  /** Decoupled weight decay: the proposal also moves by −learningRate · weightDecay · (Θ − target). */
  weightDecay: number;
  /** The target of the decay: zero, or the seed. */
  decayTowards: 'zero' | 'seed';
}
/** u = −learningRate · g. No slots. */
export interface SgdNumbers extends RuleNumbers {
  rule: 'sgd';
}
/** b ← momentum · b + g; u = −learningRate · b, or with Nesterov −learningRate · (g + momentum · b). One slot, b. */
export interface MomentumNumbers extends RuleNumbers {
  rule: 'momentum';
  momentum: number;
  nesterov: boolean;
}
/**
 * m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; u = −learningRate · (m / correction1) / (√(v / correction2) + epsilon).
 * Two slots, m and v. The corrections are 1−β₁ᵗ and 1−β₂ᵗ.
 */
export interface AdamNumbers extends RuleNumbers {
  rule: 'adam';
  beta1: number;
  beta2: number;
  epsilon: number;
  correction1: number;
  correction2: number;
}

/** How many slot tensors a rule keeps for each parameter. */
export const SLOT_COUNT: Record<FusedRule['rule'], number> = {sgd: 0, momentum: 1, adam: 2};

/**
 * `SubsetStep` inputs, all float32: all parameters, all gradients, all of the first slot, all of the second, the
 * state, and last, where `attrs.scaled`, a scalar by which every gradient is multiplied first (clipping).
 */
export type SubsetStepInputs = TensorInfo[];
/** `SubsetStep` outputs: all new parameters, all of the first slot, all of the second, the new state. */
export type SubsetStepOutputs = TensorInfo[];
/** `SubsetStep`: attributes. */
export interface SubsetStepAttrs extends SelectionAttrs {
  numbers: FusedRule;
  /**
   * True where the caller gives the parameters up: a backend that can may write the new ones into their memory. After an
   * error they are as they were.
   */
  overwrite?: boolean;
  /** Whether a gradient scale is the last input. */
  scaled: boolean;
}

/** `SubsetSteps`: attributes. */
export interface SubsetStepsAttrs {
  /** Of each silo. */
  steps: SubsetStepAttrs[];
}

/** How many outputs a `SubsetStep` has. */
export function stepOutputCount({sizes, numbers}: Pick<SubsetStepAttrs, 'sizes' | 'numbers'>): number {
  return (1 + SLOT_COUNT[numbers.rule]) * sizes.length + 3;
}

/** Words of a silo's mask: each tensor takes ⌈size / 32⌉. */
export function maskWords(sizes: readonly number[]): number {
  return sizes.reduce((words, size) => words + Math.ceil(size / 32), 0);
}
