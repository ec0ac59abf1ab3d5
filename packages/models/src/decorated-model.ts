import {anything, callable, checkFields, type Kinds, map, optional, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {ModelConfig, Stack} from './architecture.js';
import type {Head} from './head.js';
import {ints} from './ints.js';
import {layersOf, type NamedAttention, type Projection} from './projections.js';
import {type TokenVerbs, tokenVerbs} from './verbs.js';
import {checkVirtual, countVirtual, type VirtualTokens} from './virtual-tokens.js';
import type {Weights} from './weights.js';

/**
 * Adds to the verbs of a pass. It takes its weights from the `Weights` that these were made over, and from nowhere else:
 * so recomputation sees what it is differentiated by, and generation keeps what it began with.
 */
export type DecorateVerbs = <V extends TokenVerbs>(verbs: V, weights: Weights) => V;

/**
 * What is added to a model from outside, such as an adapter. Virtual tokens of its own stand before those of each row, are
 * seen by them, take places and are in no result. In a model of an encoder and a decoder the encoder reads a prompt, and a
 * prefix is the decoder's.
 */
export interface Decorator extends VirtualTokens {
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

const DECORATOR: Kinds<Decorator> = {
  weights: optional(map('a Map from names to variables')),
  begin: callable,
  prompt: anything,
  prefix: anything,
};

/** What a pass over a decorated model is made of. */
export interface DecoratedPass extends VirtualTokens {
  /** Those of the model, and of its decorators. */
  weights: ReadonlyMap<string, tf.Tensor>;
  decorate: DecorateVerbs;
}

/** A model of variables, to which decorators of its verbs can be added. */
export abstract class DecoratedModel {
  /** The weights by checkpoint name, such as `model.layers.0.self_attn.q_proj.weight`. Matrices lie as there. */
  readonly weights: ReadonlyMap<string, tf.Variable>;
  /** Each in an object of its own: the same one may be added twice. */
  #added: readonly {decorator: Decorator}[] = [];

  constructor(weights: ReadonlyMap<string, tf.Variable>) {
    this.weights = weights;
  }

  /** What its `config.json` says, as far as callers need it. */
  abstract get config(): ModelConfig;

  /** What it is made of: the stack that reads a text is the first, the one that a text may be continued by the last. */
  protected abstract parts(): {stacks: readonly Stack[]; head?: Head | undefined};

  /** What a weight is called here that the family calls so. */
  protected ownName(name: string): string {
    return name;
  }

  /**
   * The linear layers of its blocks, and of its head where it has one, in the order in which they are computed: what an
   * adapter can be laid over. The output layer of a language model is none of them.
   */
  projections(): Projection[] {
    const {stacks, head} = this.parts();
    return this.#layers(stacks, head).projections;
  }

  /** The self-attentions that a prefix can be put into, in the order in which they are computed. */
  attentions(): NamedAttention[] {
    return this.#layers(this.parts().stacks.slice(-1)).attentions;
  }

  /**
   * What tokens are embedded as, before anything is added to it: a prompt's place.
   *
   * @param ids Token ids, at least one.
   * @returns [tokens, `config.hiddenSize`], float32
   */
  embedTokens(ids: readonly number[]): tf.Tensor2D {
    const {vocabularySize} = this.config;
    const isToken = (id: unknown) => Number.isInteger(id) && Number(id) >= 0 && Number(id) < vocabularySize;
    if (!Array.isArray(ids) || ids.length === 0 || !ids.every(isToken)) {
      throw new Error(`embedTokens: ids are ${show(ids)}, expected an array of token ids below ${vocabularySize}`);
    }
    return tf.tidy(() => {
      const [stack] = this.parts().stacks;
      const tokens = ints(ids);
      const zeros = tf.zerosLike(tokens);
      const verbs = tokenVerbs({get: (name) => this.weights.get(this.ownName(name))});
      let embedded: tf.Tensor2D | undefined;
      const embed: TokenVerbs['embed'] = (of, name, scale) => {
        const rows = verbs.embed(of, name, scale);
        if (of === tokens) embedded = rows;
        return rows;
      };
      stack.embed({ids: tokens, places: zeros, types: zeros}, {...verbs, embed});
      if (!embedded) throw new Error('embedTokens: the model embeds no tokens, expected that its stack does');
      return embedded;
    });
  }

  /** How many tokens a row may have: `config.maxPositions`, less virtual ones. */
  get maxRowTokens(): number {
    return this.config.maxPositions - countVirtual(this.#virtual());
  }

  /**
   * Decorates the verbs that the model is computed in, from the next pass on, over those of earlier decorators. A call of
   * `generate` that has begun goes on as it began.
   *
   * @returns What removes it.
   * @throws where it is no decorator, has more virtual tokens than the model has room for, or another has such, too.
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
    checkVirtual('decorate: decorator', decorator);
    for (const kind of ['prompt', 'prefix'] as const) {
      if (!decorator[kind] || !this.#virtual()[kind]) continue;
      throw new Error(`decorate: the model has a ${kind} already, expected that its decorator is removed before`);
    }
    const tokens = countVirtual(decorator);
    if (tokens >= this.maxRowTokens) {
      throw new Error(`decorate: there are ${tokens} virtual tokens, expected fewer than ${this.maxRowTokens}`);
    }
    const added = {decorator};
    this.#added = [...this.#added, added];
    return () => {
      this.#added = this.#added.filter((one) => one !== added);
    };
  }

  /** Frees the weights. Calls of `generate` that have begun go on to their end. */
  dispose(): void {
    for (const weight of this.weights.values()) weight.dispose();
  }

  /** A pass over the model as it is decorated now. */
  protected pass(isTraining = false): DecoratedPass {
    if (this.#added.length === 0) return {weights: this.weights, decorate: (verbs) => verbs};
    const all = this.#decorators.map((decorator) => decorator.begin(isTraining));
    const own = this.#decorators.flatMap(({weights}) => [...(weights ?? [])]);
    return {
      weights: new Map<string, tf.Tensor>([...this.weights, ...own]),
      decorate: (verbs, weights) => all.reduce((decorated, decorate) => decorate(decorated, weights), verbs),
      ...this.#virtual(),
    };
  }

  get #decorators(): Decorator[] {
    return this.#added.map(({decorator}) => decorator);
  }

  #virtual(): VirtualTokens {
    return {
      prompt: this.#decorators.find(({prompt}) => prompt)?.prompt,
      prefix: this.#decorators.find(({prefix}) => prefix)?.prefix,
    };
  }

  #layers(stacks: readonly Stack[], head?: Head) {
    return layersOf(
      this.weights,
      (verbs, zero) => {
        for (const {embed, blocks, finish} of stacks) {
          const first = embed({ids: zero, places: zero}, verbs);
          const last = blocks.reduce((x, block) => block(x, verbs), first);
          const states = finish(last, verbs);
          head?.apply(states, verbs);
        }
      },
      (name) => this.ownName(name),
    );
  }
}
