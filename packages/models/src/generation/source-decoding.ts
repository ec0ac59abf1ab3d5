import * as tf from '@tensorflow/tfjs-core';
import type {EncoderDecoder} from '../architecture.js';
import {forward} from '../forward.js';
import type {GenerationWeights} from '../generation-weights.js';
import {ints} from '../ints.js';
import {type KeyValueCache, pickCache, withCache} from '../key-value-cache.js';
import {paddingMask} from '../ops/attention.js';
import {pad} from '../padded.js';
import {plainVerbs} from '../verbs.js';
import type {Decoding} from './decoding.js';

/**
 * The decoding of a model of an encoder and a decoder: the encoder reads the prompts once, and the cache keeps the keys and
 * values that the decoder makes of it.
 */
export class SourceDecoding implements Decoding {
  readonly rooms: readonly number[];
  readonly #architecture: EncoderDecoder;
  readonly #weights: GenerationWeights;
  readonly #prompts: readonly (readonly number[])[];
  readonly #width: number;
  /** The length of each row's prompt. */
  #lengths: number[];
  #step = 0;
  #cache: KeyValueCache = {};

  constructor(architecture: EncoderDecoder, weights: GenerationWeights, prompts: readonly (readonly number[])[]) {
    this.#architecture = architecture;
    this.#weights = weights;
    this.#prompts = prompts;
    this.#lengths = prompts.map(({length}) => length);
    this.#width = Math.max(...this.#lengths);
    this.rooms = prompts.map(() => architecture.config.maxPositions);
  }

  start(): tf.Tensor2D {
    const {encoder, config} = this.#architecture;
    const {ids, places, ...source} = pad(this.#prompts);
    const encode = () => {
      const verbs = {...plainVerbs(source)(this.#weights.tensors), ...this.#weights.verbs()};
      return forward(encoder, {tokens: {ids: ints(ids), places: ints(places)}, verbs});
    };
    return this.#read(
      this.#prompts.map(() => config.decoderStartTokenId),
      encode,
    );
  }

  next(from: readonly number[], tokens: readonly number[]): tf.Tensor2D {
    const rows = this.#lengths.length;
    if (from.length !== rows || from.some((row, i) => row !== i)) {
      const all = this.#cache;
      this.#cache = tf.tidy(() => pickCache(all, ints(from)));
      tf.dispose(all);
      this.#lengths = from.map((row) => this.#lengths[row]);
    }
    this.#step++;
    return this.#read(tokens);
  }

  dispose(): void {
    tf.dispose(this.#cache);
    this.#cache = {};
  }

  /** Reads one token a row. */
  #read(tokens: readonly number[], encode?: () => tf.Tensor2D): tf.Tensor2D {
    const cache = this.#cache;
    const step = this.#step;
    const rows = tokens.length;
    const {logits, next} = tf.tidy(() => {
      const next: KeyValueCache = {};
      const hidden = forward(this.#architecture.decoder, {
        tokens: {ids: ints(tokens), places: ints(tokens.map(() => step))},
        verbs: withCache(this.#weights.verbs(), {
          ...{rows, length: 1, places: [step], keyPlaces: Array.from({length: step + 1}, (_, at) => at)},
          maskOf: () => ({values: new Float32Array(step + 1), shape: [1, 1, step + 1]}),
          source: {mask: paddingMask(this.#width, this.#lengths), states: encode?.()},
          ...{cache, next},
        }),
      });
      return {logits: this.#weights.multiply(hidden, this.#architecture.output), next};
    });
    this.#cache = next;
    tf.dispose(cache);
    return logits;
  }
}
