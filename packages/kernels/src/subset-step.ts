import {
  arrayOf,
  checkFields,
  checkOptions,
  flag,
  type Kind,
  type Kinds,
  number,
  object,
  oneOf,
  optional,
  show,
} from '@subset-tuning/checks';
import type {Scalar, Tensor} from '@tensorflow/tfjs-core';
import {
  checkFloats,
  checkSelection,
  checkState,
  SELECTION_OPTIONS,
  type SelectionOptions,
  state as stateKind,
  tensor,
  tensors,
} from './check.js';
import {
  type AdamNumbers,
  type FusedRule,
  type MomentumNumbers,
  type SgdNumbers,
  SLOT_COUNT,
  type StepDistance,
  type SubsetState,
  SubsetStep,
  type SubsetStepAttrs,
} from './contract.js';
import {STEP_DISTANCES} from './distance.js';
import {runContractKernel} from './run-kernel.js';
import {checkSizes} from './subset-state.js';

/** What {@link subsetStep} takes. */
export interface SubsetStepOptions extends SelectionOptions<StepDistance> {
  /** The silo's parameters, float32. */
  parameters: Tensor[];
  /** A gradient for each, of the same shape. */
  gradients: Tensor[];
  /**
   * `slots[j]` holds slot j of each parameter, of the same shapes: none for sgd, one for momentum, two for adam.
   * Consumed: they are disposed, and those returned take their place.
   */
  slots: Tensor[][];
  /** The silo's state. Consumed as the slots are. */
  state: SubsetState<Tensor>;
  /** The update rule with the numbers of this step. */
  numbers: FusedRule;
  /** A float32 scalar by which every gradient is multiplied first: how a clipped norm enters without a readback. */
  scale?: Scalar;
  /** False keeps the state's subset, whatever k says. Default true. */
  reselect?: boolean;
  /**
   * Whether the parameters' values are given up: where a backend can, the results lie in their memory. Then nothing may be
   * done with the parameters but to dispose of them or, where they are variables, to assign the results to them. What
   * else shares their memory, such as a clone, keeps its values. Default false.
   */
  overwrite?: boolean;
}

/** What {@link subsetStep} gives. A type, not an interface, so that `tf.dispose` takes it. */
export type SubsetStepResult = {
  /** New parameters. */
  parameters: Tensor[];
  /** New slots, as they were given. */
  slots: Tensor[][];
  /** The new state. */
  state: SubsetState<Tensor>;
};

const SUBSET_STEP_OPTIONS: Kinds<SubsetStepOptions> = {
  ...{parameters: tensors, gradients: tensors, slots: arrayOf(tensors, 'an array of arrays of tensors')},
  ...{state: stateKind, numbers: object("an object with a rule's numbers")},
  ...{scale: optional(tensor), reselect: optional(flag), overwrite: optional(flag)},
  ...SELECTION_OPTIONS,
  distance: optional(oneOf(STEP_DISTANCES)),
};

const finite = number('a number');
const SGD: Kinds<SgdNumbers> = {
  ...{rule: oneOf(Object.keys(SLOT_COUNT)), learningRate: finite, weightDecay: finite},
  decayTowards: oneOf(['zero', 'seed']),
};
const MOMENTUM: Kinds<MomentumNumbers> = {...SGD, momentum: finite, nesterov: flag};
const ADAM: Kinds<AdamNumbers> = {
  ...{...SGD, beta1: finite, beta2: finite, epsilon: finite},
  ...{correction1: finite, correction2: finite},
};
const NUMBERS: Record<FusedRule['rule'], Readonly<Record<string, Kind>>> = {sgd: SGD, momentum: MOMENTUM, adam: ADAM};

/**
 * One step of subset tuning for one silo: the rule proposes a new value for every parameter and updates its slots, the
 * k proposals that lie farthest from their seed are kept, and all other parameters become their seed, bit for bit.
 *
 * Parameters, gradients and scale are not modified and stay the caller's, but for parameters that may be overwritten; so do
 * the results, which are new tensors in the active `tf.tidy` scope (`tf.keep` those that outlive it). After an error
 * everything is as before, the slots and the state included.
 *
 * @throws where a number of tensors, a dtype, a shape, k, the distance, η or a number of the rule is not as said
 * @example
 * ```ts
 * import {createState, subsetStep} from '@subset-tuning/kernels';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const numbers = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'} as const;
 * const parameters = [tf.tensor1d([1, 2, 3])];
 * const gradients = [tf.tensor1d([0, -0.5, 2])];
 * const step = subsetStep({parameters, gradients, slots: [], state: createState([3]), numbers, k: 1});
 * step.parameters[0].print(); // [1, 2, 1]
 * ```
 */
export function subsetStep(options: SubsetStepOptions): SubsetStepResult {
  const step = checkedStep(options);
  return takeOutputs(step, runContractKernel(SubsetStep, step.inputs, step.attrs));
}

/** A step as a kernel takes it. */
export interface CheckedStep {
  inputs: Tensor[];
  attrs: SubsetStepAttrs;
  /** What a kernel consumes. */
  owned: Tensor[];
}

/** @throws as {@link subsetStep} */
export function checkedStep(options: SubsetStepOptions): CheckedStep {
  checkOptions('subsetStep', options, SUBSET_STEP_OPTIONS);
  const {
    parameters,
    gradients,
    slots,
    state,
    numbers,
    scale,
    reselect = true,
    overwrite = false,
    ...selection
  } = options;
  const sizes = parameters.map(({size}) => size);
  checkSizes(sizes);
  checkNumbers(numbers);
  if (selection.distance === 'fisher' && numbers.rule !== 'adam') {
    throw new Error(`distance is "fisher" and the rule ${numbers.rule}, which has no second moment; expected adam`);
  }
  checkFloats('parameters', parameters);
  checkFloats('gradients', gradients, parameters);
  if (slots.length !== SLOT_COUNT[numbers.rule]) {
    throw new Error(`slots has ${slots.length} entries; expected ${SLOT_COUNT[numbers.rule]} for ${numbers.rule}`);
  }
  slots.forEach((slot, j) => {
    checkFloats(`slots[${j}]`, slot, parameters);
  });
  checkState(state, sizes);
  if (scale) {
    checkFloats('scale', [scale]);
    if (scale.size !== 1) throw new Error(`scale has shape [${scale.shape}]; expected a scalar`);
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const scaled = scale !== undefined;
  const attrs = {...checkSelection(selection, total), sizes, reselect, overwrite, numbers, scaled};
  const owned = [...slots.flat(), ...state];
  const inputs = [...parameters, ...gradients, ...owned, ...(scale ? [scale] : [])];
  return {inputs, attrs, owned};
}

/** Disposes what a kernel has consumed, and says which of its outputs is what. */
export function takeOutputs({attrs, owned}: CheckedStep, outputs: Tensor[]): SubsetStepResult {
  for (const tensor of owned) tensor.dispose();
  const count = attrs.sizes.length;
  const [mask, seeds, info] = outputs.slice(-3);
  return {
    parameters: outputs.slice(0, count),
    slots: Array.from({length: SLOT_COUNT[attrs.numbers.rule]}, (_, j) =>
      outputs.slice((j + 1) * count, (j + 2) * count),
    ),
    state: [mask, seeds, info],
  };
}

/** Throws unless the rule is known and each of its numbers is one. */
function checkNumbers(numbers: FusedRule): void {
  if (!Object.hasOwn(SLOT_COUNT, numbers.rule)) {
    throw new Error(`rule is ${show(numbers.rule)}; expected one of ${Object.keys(SLOT_COUNT).join(', ')}`);
  }
  checkFields<object>('subsetStep: numbers', numbers, NUMBERS[numbers.rule]);
}
