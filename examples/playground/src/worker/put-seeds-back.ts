import type {TensorChange} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs-core';

/** Puts the seed's values back where training changed them, bit for bit: by reading and writing, never by an operation. */
export async function putSeedsBack(
  weights: ReadonlyMap<string, tf.Variable>,
  changes: readonly TensorChange[],
): Promise<void> {
  for (const {name, positions, seeds} of changes) {
    const weight = weights.get(name);
    if (!weight) throw new Error(`the model has no weight '${name}'`);
    // Words, since a float could lose the bits of a NaN.
    const words = new Uint32Array((await weight.data<'float32'>()).slice().buffer);
    const seedWords = new Uint32Array(seeds.buffer, seeds.byteOffset, seeds.length);
    for (const [i, position] of positions.entries()) words[position] = seedWords[i];
    const value = tf.tensor(new Float32Array(words.buffer), weight.shape, 'float32');
    weight.assign(value);
    value.dispose();
  }
}
