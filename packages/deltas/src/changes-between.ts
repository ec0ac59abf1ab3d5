import {check, cut, map, show} from '@subset-tuning/checks';
import type * as tf from '@tensorflow/tfjs-core';
import {readBits, readBytes, take} from './bits.js';
import {checkReadable} from './check-readable.js';
import type {TensorChange} from './delta.js';
import {hold} from './hold.js';

const TENSORS = map('a Map of names to tensors');

/**
 * What differs, bit for bit, between weights that were kept before training and the weights after it: changes for
 * `createDelta`, with seeds. For what an optimizer does not know of, such as the moving mean and variance of a batch
 * normalisation, and for weights that were trained by anything else.
 *
 * Keep a weight by `weight.clone()`: it holds what the variable held, and costs memory only once the variable changes
 * (on wasm at once).
 *
 * @param before What the weights held before, by name; of those that shall be compared.
 * @param after The model's weights. Only those that `before` names are looked at.
 * @returns a change for each weight that differs, in the order of `before`.
 * @throws where `after` has no weight of a name, or one of another shape or dtype; where both hold the very same
 * variable, which was not kept then; and where a weight differs that is not float32, which a delta cannot hold.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {changesBetween} from '@subset-tuning/deltas';
 * const weights = new Map([['mean', tf.variable(tf.tensor1d([0, 0]), false)]]);
 * const before = new Map(Array.from(weights, ([name, weight]) => [name, weight.clone()]));
 * weights.get('mean')?.assign(tf.tensor1d([0, 0.5])); // training
 * const changes = await changesBetween(before, weights); // of 'mean' at position 1
 * tf.dispose([...before.values()]);
 * ```
 */
export async function changesBetween(
  before: ReadonlyMap<string, tf.Tensor>,
  after: ReadonlyMap<string, tf.Tensor>,
): Promise<TensorChange[]> {
  check('changesBetween: before', before, TENSORS);
  check('changesBetween: after', after, TENSORS);
  const pairs = Array.from(before, ([name, kept]) => ({name, kept, weight: matching(name, kept, after.get(name))}));
  const tensors = pairs.flatMap(({kept, weight}) => [kept, weight]);
  return hold(tensors, async (held) => {
    const changes: TensorChange[] = [];
    for (const {name, kept, weight} of pairs) {
      const [old, now] = [held(kept), held(weight)];
      if (old.dataId === now.dataId) continue;
      if (weight.dtype !== 'float32') {
        const [was, is] = [await readBytes(old), await readBytes(now)];
        if (was.every((byte, i) => byte === is[i])) continue;
        throw new Error(`${cut(name)}: the weight is ${weight.dtype} and changed, expected float32, as a delta holds`);
      }
      const [seeds, bits] = [await readBits(old), await readBits(now)];
      const positions = differing(seeds, bits);
      if (positions.length === 0) continue;
      changes.push({
        name,
        shape: [...weight.shape],
        positions,
        values: new Float32Array(take(bits, positions).buffer),
        seeds: new Float32Array(take(seeds, positions).buffer),
      });
    }
    return changes;
  });
}

/** The weight that a kept one is compared with. */
function matching(name: string, kept: tf.Tensor, weight: unknown): tf.Tensor {
  const what = cut(name);
  if (weight === undefined) throw new Error(`${what}: the weights after have none of this name`);
  checkReadable(name, kept);
  checkReadable(name, weight);
  if (weight === kept) throw new Error(`${what}: before and after are one tensor, expected before to be a clone`);
  if (String(weight.shape) !== String(kept.shape) || weight.dtype !== kept.dtype) {
    const [was, is] = [kept, weight].map(({dtype, shape}) => `${dtype} ${show(shape)}`);
    throw new Error(`${what}: the weight is ${is}, expected ${was}, as before`);
  }
  return weight;
}

/** The positions of the words that differ. */
function differing(a: Uint32Array, b: Uint32Array): Uint32Array {
  const positions = new Uint32Array(a.reduce((count, word, i) => count + Number(word !== b[i]), 0));
  let found = 0;
  for (let i = 0; found < positions.length; i++) {
    if (a[i] !== b[i]) positions[found++] = i;
  }
  return positions;
}
