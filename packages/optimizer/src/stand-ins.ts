import {createState, type SubsetState, subsetProject} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {firstState} from './first-state.js';
import type {SiloStep} from './silo-step.js';
import type {Silo} from './silos.js';
import {sum} from './sum.js';

/**
 * A value that lies farther from any seed than training goes, and whose distance still is finite, whatever the seed and
 * the kind of distance.
 */
export const FAR = 2 ** 96;

const EMPTY = {k: 0, distance: 'absolute', eta: 1, reselect: true} as const;

function clones([mask, seeds, info]: SubsetState<tf.Tensor>): SubsetState<tf.Tensor> {
  return [tf.clone(mask), tf.clone(seeds), tf.clone(info)];
}

/** The pretrained values of a silo's variables: what a selection of nothing leaves. New tensors of the active scope. */
export function seedsOf({variables, state}: Pick<Silo, 'variables' | 'state'>): tf.Tensor[] {
  return tf.tidy(() => {
    return subsetProject({proposals: variables, current: variables, state: clones(state), ...EMPTY}).parameters;
  });
}

/**
 * What stands in a step for a silo's variables: themselves, but for those without a gradient in a step that chooses the
 * subset. There it is {@link FAR} where they are in the subset, so that they stay in it, and the seed elsewhere, so that
 * nothing comes in. New tensors of the active scope.
 */
export function standIns({silo: {variables, state}, gradients, selection}: SiloStep): tf.Tensor[] {
  if (!selection.reselect || !gradients.includes(undefined)) return variables;
  return tf.tidy(() => {
    const isAbsent = gradients.map((gradient) => gradient === undefined);
    const proposals = variables.map((variable, i) => (isAbsent[i] ? tf.fill(variable.shape, FAR) : variable));
    const kept = {...EMPTY, state: clones(state), reselect: false};
    const {parameters} = subsetProject({proposals, current: variables, ...kept});
    return variables.map((variable, i) => (isAbsent[i] ? parameters[i] : variable));
  });
}

/**
 * A gradient for each of a silo's variables, as a kernel takes them: infinities for one that has none, since what is not
 * finite changes nothing. New ones are of the active scope.
 */
export function filledGradients({silo: {variables}, gradients}: SiloStep): {gradients: tf.Tensor[]; absent: number} {
  const given = gradients.filter((gradient) => gradient !== undefined);
  if (given.length === variables.length) return {gradients: given, absent: 0};
  return {
    gradients: variables.map(({shape}, i) => gradients[i] ?? tf.fill(shape, Number.POSITIVE_INFINITY)),
    absent: sum(variables.map(({size}) => size)) - sum(given.map(({size}) => size)),
  };
}

/**
 * A state with the same entries in the subset: of other seeds, and of more variables, of which nothing is in it. What is
 * reported and predicted begins anew.
 *
 * @param seeds the variables' seeds, and those of the variables that are added at the end.
 */
export function sameSubset({variables, state, bound}: Silo, seeds: readonly tf.Tensor[]): SubsetState<tf.Tensor> {
  return tf.tidy(() => {
    const old = seeds.slice(0, variables.length);
    const far = old.map(({shape}) => tf.fill(shape, FAR));
    // Where nothing is in the subset, what is current is the seed.
    const members = subsetProject({proposals: far, current: old, state: clones(state), ...EMPTY, reselect: false});
    const sizes = seeds.map(({size}) => size);
    const result = subsetProject({
      ...EMPTY,
      proposals: [...members.parameters, ...seeds.slice(variables.length)],
      current: [...seeds],
      state: createState(sizes),
      k: bound,
    });
    for (const tensor of result.state) tf.keep(tensor);
    return result.state;
  });
}

/**
 * What becomes of a silo where other positions are in its subset: a state with these, and values that are the present ones
 * in those that stay, and the seed everywhere else. New tensors of the active scope; the old state is left as it is.
 */
export function otherSubset(
  {variables, state}: Silo,
  chosen: readonly Uint32Array[],
): {parameters: tf.Tensor[]; state: SubsetState<tf.Tensor>} {
  return tf.tidy(() => {
    const seeds = seedsOf({variables, state});
    const moved = {...EMPTY, state: firstState(seeds, chosen), reselect: false};
    return subsetProject({proposals: variables, current: seeds, ...moved});
  });
}
