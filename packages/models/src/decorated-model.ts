import {callable, checkFields, type Kinds, map, optional} from '@subset-tuning/checks';
import type * as tf from '@tensorflow/tfjs-core';
import type {Projection} from './projections.js';
import type {TokenVerbs} from './verbs.js';
import type {Weights} from './weights.js';

/**
 * Adds to the verbs of a pass. It takes its weights from the `Weights` that these were made over, and from nowhere else:
 * so recomputation sees what it is differentiated by, and generation keeps what it began with.
 */
export type DecorateVerbs = <V extends TokenVerbs>(verbs: V, weights: Weights) => V;

/** What is added to a model from outside, such as an adapter. */
export interface Decorator {
  /** Its weights by name. One that is called as a weight of the model takes that one's place. Default: none. */
  weights?: ReadonlyMap<string, tf.Variable>;
  /**
   * Called once for each pass over the model.
   *
   * @param isTraining Whether the pass is for a loss.
   * @returns What decorates the verbs of this pass: it is called again where a block is computed once more.
   */
  begin(isTraining: boolean): DecorateVerbs;
}

const DECORATOR: Kinds<Decorator> = {weights: optional(map('a Map from names to variables')), begin: callable};

/** What a pass over a decorated model is made of. */
export interface DecoratedPass {
  /** Those of the model, and of its decorators. */
  weights: ReadonlyMap<string, tf.Tensor>;
  decorate: DecorateVerbs;
}

/** A model of variables, to which decorators of its verbs can be added. */
export abstract class DecoratedModel {
  /** The weights by checkpoint name, such as `model.layers.0.self_attn.q_proj.weight`. Matrices lie as there. */
  readonly weights: ReadonlyMap<string, tf.Variable>;
  #decorators: readonly Decorator[] = [];

  constructor(weights: ReadonlyMap<string, tf.Variable>) {
    this.weights = weights;
  }

  /**
   * The linear layers of its blocks, and of its head where it has one, in the order in which they are computed: what an
   * adapter can be laid over. The output layer of a language model is none of them.
   */
  abstract projections(): Projection[];

  /**
   * Decorates the verbs that the model is computed in, from the next pass on, over those of earlier decorators. A call of
   * `generate` that has begun goes on as it began.
   *
   * @returns What removes it.
   *
   * @example
   * ```ts
   * import * as tf from '@tensorflow/tfjs';
   * import {loadModel} from '@subset-tuning/models';
   * import {read} from '@subset-tuning/tiny-translator';
   *
   * const model = await loadModel('tiny-translator', {read});
   * const names = new Set<string>();
   * const remove = model.decorate({
   *   begin: () => (verbs) => ({
   *     ...verbs,
   *     project: (x, name, layout) => {
   *       names.add(name);
   *       return verbs.project(x, name, layout);
   *     },
   *   }),
   * });
   * model.logits([[1, 60]]).dispose();
   * remove();
   * names.size; // as many as model.projections() has
   * ```
   */
  decorate(decorator: Decorator): () => void {
    checkFields('decorate: decorator', decorator, DECORATOR);
    this.#decorators = [...this.#decorators, decorator];
    return () => {
      this.#decorators = this.#decorators.filter((one) => one !== decorator);
    };
  }

  /** Frees the weights. Calls of `generate` that have begun go on to their end. */
  dispose(): void {
    for (const weight of this.weights.values()) weight.dispose();
  }

  /** A pass over the model as it is decorated now. */
  protected pass(isTraining = false): DecoratedPass {
    if (this.#decorators.length === 0) return {weights: this.weights, decorate: (verbs) => verbs};
    const all = this.#decorators.map((decorator) => decorator.begin(isTraining));
    const own = this.#decorators.flatMap(({weights}) => [...(weights ?? [])]);
    return {
      weights: new Map<string, tf.Tensor>([...this.weights, ...own]),
      decorate: (verbs, weights) => all.reduce((decorated, decorate) => decorate(decorated, weights), verbs),
    };
  }
}
