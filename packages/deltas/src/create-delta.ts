import {checkOptions, cut, type Kinds, map, text} from '@subset-tuning/checks';
import type * as tf from '@tensorflow/tfjs-core';
import {bitsOf, equal, put, readBits, take} from './bits.js';
import {checkReadable} from './check-readable.js';
import {checkChanges, type Delta, type DeltaTensor, type TensorChange} from './delta.js';
import {findWeights} from './find-weights.js';
import {hold} from './hold.js';
import {seedHash} from './seed-hash.js';
import {sha256, tunedHash} from './sha-256.js';
import {toKeys} from './to-keys.js';

/** What {@link createDelta} needs besides the changes. */
export interface CreateOptions {
  /** The model that the seed comes from, such as `'HuggingFaceTB/SmolLM2-135M-Instruct'`. */
  base: string;
  /**
   * The model's weights by name, tuned or (where the changes have no `seeds`) the seed's. They are only read.
   *
   * The delta calls them by these names. A change may call one by its variable's name too, as an optimizer does: in a
   * model with a scope, or in a second LayersModel of one page, the two differ.
   */
  weights: ReadonlyMap<string, tf.Tensor>;
}

const CREATE_OPTIONS: Kinds<CreateOptions> = {base: text, weights: map('a Map of names to tensors, as model.weights')};

/**
 * Makes a delta of what tuning changed. The seed's fingerprints come from the weights with the changes' `seeds` put
 * back, so no second copy of the model is needed. A tensor without changed entries is left out.
 *
 * A delta holds these changes and no other. What training moves besides, such as the moving mean and variance of a
 * batch normalisation, is no variable of the optimizer's: give its changes too, from {@link changesBetween}, or seed and
 * delta are not the tuned model. Only float32 weights can change.
 *
 * The weights are read as they are at the call; the arrays of the changes are not copied. All weights are hashed: those
 * that changed twice, the others once, for the fingerprint of the whole seed.
 *
 * @throws where a change names an unknown weight, one twice or, by a key and a variable's name, two; where its shape or
 * dtype is not the weight's, positions do not ascend or lie outside, or there is not one value (and seed) a position;
 * where a change without `seeds` is given weights that hold its values already; where a weight is disposed or holds
 * strings; and where Web Crypto is missing.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {createDelta, writeDelta} from '@subset-tuning/deltas';
 * const weights = new Map([['w', tf.variable(tf.tensor1d([1, 2, 9]))]]); // the 9 was a 3
 * const change = {
 *   name: 'w',
 *   shape: [3],
 *   positions: Uint32Array.of(2),
 *   values: Float32Array.of(9),
 *   seeds: Float32Array.of(3),
 * };
 * const file = writeDelta(await createDelta([change], {base: 'my-model', weights}));
 * ```
 */
export async function createDelta(changes: readonly TensorChange[], options: CreateOptions): Promise<Delta> {
  checkChanges(changes);
  checkOptions('createDelta', options, CREATE_OPTIONS);
  const {base, weights} = options;
  const changed = toKeys(
    changes.filter(({positions}) => positions.length > 0),
    weights,
  );
  const found = findWeights(weights, changed);
  for (const [name, weight] of weights) checkReadable(name, weight);
  return hold(weights.values(), async (held) => {
    const tensors: DeltaTensor[] = [];
    const seeded = new Map<tf.Tensor, string>();
    const tuned = new Map<string, string>();
    for (const [i, {name, shape, positions: listed, values, seeds}] of changed.entries()) {
      const positions = listed.length === found[i].size ? 'all' : listed;
      const bits = await readBits(held(found[i]));
      if (seeds !== undefined) put(bits, positions, bitsOf(seeds));
      else if (equal(take(bits, positions), bitsOf(values))) {
        throw new Error(`${cut(name)}: the weight holds the tuned values, expected the seed's, or seeds in the change`);
      }
      const seedSha256 = await sha256(bits);
      seeded.set(found[i], seedSha256);
      tensors.push({name, shape, positions, values, seedSha256});
      put(bits, positions, bitsOf(values));
      tuned.set(name, await sha256(bits));
    }
    const seedSha256 = await seedHash(weights, held, seeded);
    return {base, tensors, seedSha256, tunedSha256: await tunedHash(tuned)};
  });
}
