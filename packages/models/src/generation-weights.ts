import * as tf from '@tensorflow/tfjs-core';
import type {DecoratedPass, DecorateVerbs} from './decorated-model.js';
import {fewTimesTransposed} from './ops/mat-mul.js';
import {addBias, type TokenVerbs, tokenVerbs} from './verbs.js';
import type {VirtualTokens} from './virtual-tokens.js';
import {get, type Weights} from './weights.js';

/**
 * A model's weights as they are now, whatever is assigned to them later: they share the weights' data and keep them. Not
 * by a clone, which on wasm is a copy.
 */
export class GenerationWeights {
  readonly #weights = new Map<string, tf.Tensor>();
  readonly #decorate: DecorateVerbs;
  /** The virtual tokens of the model. */
  readonly virtual: VirtualTokens;

  constructor({weights, decorate, prompt, prefix}: DecoratedPass) {
    this.#decorate = decorate;
    this.virtual = {prompt, prefix};
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

  /** A pass over these weights, as the model was decorated. */
  get pass(): DecoratedPass {
    return {weights: this.#weights, decorate: this.#decorate, ...this.virtual};
  }

  /** x·Wᵀ by the weight of this name. */
  multiply(x: tf.Tensor2D, name: string): tf.Tensor2D {
    return fewTimesTransposed(x, get(this.#weights, name));
  }

  /** These verbs over these weights, as the model was decorated. */
  decorated<V extends TokenVerbs>(verbs: V): V {
    return this.#decorate(verbs, this.#weights);
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
    tf.dispose([...this.#weights.values()]);
  }
}
