import {topKMask} from '@subset-tuning/kernels';
import {type BudgetOptions, type SiloKind, shareBudget, siloOf, totalBudget} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs-core';

/** A budget, how it is shared, and which end of the scores is wanted. */
export interface ScoreChoice extends BudgetOptions {
  silos?: SiloKind;
  order?: 'largest' | 'smallest';
}

/**
 * Of each variable the places with the largest, or the smallest, scores of its silo: exactly as many as its share of the
 * budget, but that a score of zero is never among the largest. Of equal scores the lowest places are chosen.
 *
 * @param scores ≥ 0, of their variables' shapes.
 */
export async function largestScores(
  scores: ReadonlyMap<tf.Variable, tf.Tensor>,
  {silos = 'tensor', order = 'largest', ...budget}: ScoreChoice,
): Promise<Map<string, Uint32Array>> {
  const groups = new Map<string, tf.Variable[]>();
  for (const variable of scores.keys()) {
    const silo = siloOf(silos, variable.name);
    groups.set(silo, [...(groups.get(silo) ?? []), variable]);
  }
  const sizes = Array.from(groups.values(), (group) => group.reduce((sum, {size}) => sum + size, 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const shares = shareBudget(totalBudget(budget, total, 0), sizes);
  const chosen = new Map<string, Uint32Array>();
  for (const [i, group] of [...groups.values()].entries()) {
    const flat = () =>
      tf.concat(group.map((variable) => tf.reshape(scores.get(variable) ?? variable, [variable.size])));
    const bits = order === 'largest' ? await maskOf(flat, shares[i]) : await smallest(flat, sizes[i], shares[i]);
    let from = 0;
    for (const {name, size} of group) {
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
