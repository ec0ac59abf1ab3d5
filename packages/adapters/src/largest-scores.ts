import {topKMask} from '@subset-tuning/kernels';
import {type BudgetOptions, planSilos, type SiloKind} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs-core';

/** A budget, how it is shared, and which end of the scores is wanted. */
export interface ScoreChoice extends BudgetOptions {
  silos?: SiloKind;
  order?: 'largest' | 'smallest';
}

/**
 * Of each variable the places with the largest, or the smallest, scores of its silo: exactly as many as its share of the
 * budget, but that a score of zero is never among the largest. Of equal scores the lowest places are chosen. What is tuned
 * whole has no places here: the optimizer knows them.
 *
 * @param scores ≥ 0, of their variables' shapes.
 */
export async function largestScores(
  scores: ReadonlyMap<tf.Variable, tf.Tensor>,
  {order = 'largest', ...options}: ScoreChoice,
): Promise<Map<string, Uint32Array>> {
  const chosen = new Map<string, Uint32Array>();
  for (const {variables, sizes, budget, isWhole} of planSilos([...scores.keys()], options)) {
    if (isWhole) {
      for (const {name} of variables) chosen.set(name, new Uint32Array());
      continue;
    }
    const flat = () =>
      tf.concat(variables.map((variable) => tf.reshape(scores.get(variable) ?? variable, [variable.size])));
    const n = sizes.reduce((sum, size) => sum + size, 0);
    const bits = order === 'largest' ? await maskOf(flat, budget) : await smallest(flat, n, budget);
    let from = 0;
    for (const {name, size} of variables) {
      const own = bits.subarray(from, from + size);
      chosen.set(
        name,
        Uint32Array.from(own.keys()).filter((at) => own[at] === 1),
      );
      from += size;
    }
  }
  return chosen;
}

async function maskOf(flat: () => tf.Tensor, k: number): Promise<Uint8Array> {
  const mask = tf.tidy(() => topKMask(flat(), k));
  try {
    return await mask.data<'bool'>();
  } finally {
    mask.dispose();
  }
}

/** What is not among the n − k largest; of equal ones these are taken from the end, so that the lowest places are left. */
async function smallest(flat: () => tf.Tensor, n: number, k: number): Promise<Uint8Array> {
  const larger = (await maskOf(() => tf.reverse(flat()), n - k)).slice().reverse();
  // Zeros are never among the largest, so that there may be more of them left than are wanted.
  let left = k;
  return larger.map((isLarger) => (isLarger === 0 && left-- > 0 ? 1 : 0));
}
