import * as tf from '@tensorflow/tfjs-core';
import {addBias, type TokenVerbs, tokenVerbs} from './verbs.js';
import {get, type Weights} from './weights.js';

/**
 * A model's weights as they are now, whatever is assigned to them later: they share the weights' data and keep them. Not
 * by a clone, which on wasm is a copy.
 *
 * Matrices that lie [out, in] are transposed once, when they are first multiplied by: see `linear`.
 */
export class GenerationWeights {
  readonly #weights = new Map<string, tf.Tensor>();
  readonly #transposed = new Map<string, tf.Tensor2D>();

  constructor(weights: ReadonlyMap<string, tf.Tensor>) {
    try {
      for (const name of weights.keys()) {
        const weight = get(weights, name);
        this.#weights.set(name, tf.keep(tf.reshape(weight, weight.shape)));
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** The weights by name. */
  get tensors(): Weights {
    return this.#weights;
  }

  /** x·Wᵀ by the weight of this name. */
  multiply(x: tf.Tensor2D, name: string): tf.Tensor2D {
    let transposed = this.#transposed.get(name);
    if (!transposed) {
      transposed = tf.keep(tf.transpose(get<tf.Tensor2D>(this.#weights, name)));
      this.#transposed.set(name, transposed);
    }
    return tf.matMul(x, transposed);
  }

  verbs(): TokenVerbs {
    const weights: Weights = this.#weights;
    const plain = tokenVerbs(weights);
    return {
      ...plain,
      project: (x, name, layout) => {
        if (layout === 'in-out') return plain.project(x, name, layout);
        return addBias(this.multiply(x, `${name}.weight`), weights, name);
      },
    };
  }

  dispose(): void {
    tf.dispose([...this.#weights.values(), ...this.#transposed.values()]);
  }
}
