import {checkOptions, flag, type Kinds, optional} from '@subset-tuning/checks';
import type {Tensor} from '@tensorflow/tfjs-core';
import {
  checkFloats,
  checkSelection,
  checkState,
  SELECTION_OPTIONS,
  type SelectionOptions,
  state as stateKind,
  tensors,
} from './check.js';
import {SubsetProject, type SubsetState} from './contract.js';
import {runContractKernel} from './run-kernel.js';
import {checkSizes} from './subset-state.js';

/** What {@link subsetProject} takes. */
export interface SubsetProjectOptions extends SelectionOptions {
  /** The values that another optimizer proposes, float32, one tensor a parameter tensor of the silo. */
  proposals: Tensor[];
  /** The values before, of the same shapes. */
  current: Tensor[];
  /** By whose sizes the distances are multiplied, of the same shapes. */
  importance?: Tensor[];
  /** The silo's state. Consumed: it is disposed, and the one returned takes its place. */
  state: SubsetState<Tensor>;
  /** False keeps the state's subset, whatever k says. Default true. */
  reselect?: boolean;
}

const SUBSET_PROJECT_OPTIONS: Kinds<SubsetProjectOptions> = {
  ...{proposals: tensors, current: tensors, importance: optional(tensors), state: stateKind, reselect: optional(flag)},
  ...SELECTION_OPTIONS,
};

/**
 * Projects proposed values onto the subset: the k entries of the silo that lie farthest from their seed take what is
 * proposed, all others their seed, bit for bit.
 *
 * Proposals, current values and importances are not modified and stay the caller's; so do the results, which are new tensors in the
 * active `tf.tidy` scope. After an error everything is as before, the state included.
 *
 * @throws where a number of tensors, a dtype, a shape, k, the distance or η is not as said
 * @example
 * ```ts
 * import {createState, subsetProject} from '@subset-tuning/kernels';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const current = [tf.tensor1d([1, 2, 3])];
 * const proposals = [tf.tensor1d([1, 2.5, 5])];
 * const {parameters, state} = subsetProject({proposals, current, state: createState([3]), k: 1});
 * parameters[0].print(); // [1, 2, 5]
 * ```
 */
export function subsetProject(options: SubsetProjectOptions): {parameters: Tensor[]; state: SubsetState<Tensor>} {
  checkOptions('subsetProject', options, SUBSET_PROJECT_OPTIONS);
  const {proposals, current, importance = [], state, reselect = true, ...selection} = options;
  const sizes = current.map(({size}) => size);
  checkSizes(sizes);
  checkFloats('current', current);
  checkFloats('proposals', proposals, current);
  const important = options.importance !== undefined;
  if (important) checkFloats('importance', importance, current);
  checkState(state, sizes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const attrs = {...checkSelection(selection, total), sizes, reselect, important};
  const outputs = runContractKernel(SubsetProject, [...proposals, ...current, ...importance, ...state], attrs);
  for (const tensor of state) tensor.dispose();
  const [mask, seeds, info] = outputs.slice(current.length);
  return {parameters: outputs.slice(0, current.length), state: [mask, seeds, info]};
}
