import type * as tf from '@tensorflow/tfjs-core';
import type {EncoderDecoder} from '../architecture.js';
import {forward} from '../forward.js';
import type {GenerationWeights} from '../generation-weights.js';
import {ints} from '../ints.js';
import {withCache} from '../key-value-cache.js';
import {paddingMask} from '../ops/attention.js';
import {pad} from '../padded.js';
import {plainVerbs} from '../verbs.js';
import {CachedDecoding} from './cached-decoding.js';

/**
 * The decoding of a model of an encoder and a decoder: the encoder reads the prompts once, and the cache keeps the keys and
 * values that the decoder makes of it.
 */
export class SourceDecoding extends CachedDecoding {
  readonly rooms: readonly number[];
  readonly #architecture: EncoderDecoder;
  readonly #weights: GenerationWeights;

  constructor(architecture: EncoderDecoder, weights: GenerationWeights, prompts: readonly (readonly number[])[]) {
    super(prompts);
    this.#architecture = architecture;
    this.#weights = weights;
    this.rooms = prompts.map(() => architecture.config.maxPositions);
  }

  start(): tf.Tensor2D {
    const {encoder, config} = this.#architecture;
    const {ids, places, ...source} = pad(this.prompts);
    const encode = () => {
      const verbs = this.#weights.decorated({...plainVerbs(source)(this.#weights.tensors), ...this.#weights.verbs()});
      return forward(encoder, {tokens: {ids: ints(ids), places: ints(places)}, verbs});
    };
    const tokens = this.prompts.map(() => config.decoderStartTokenId);
    return this.#read(tokens, 0, encode);
  }

  protected readNext(tokens: readonly number[], step: number): tf.Tensor2D {
    return this.#read(tokens, step);
  }

  /** Reads one token a row. */
  #read(tokens: readonly number[], step: number, encode?: () => tf.Tensor2D): tf.Tensor2D {
    return this.run((cache, next) => {
      const hidden = forward(this.#architecture.decoder, {
        tokens: {ids: ints(tokens), places: ints(tokens.map(() => step))},
        verbs: this.#weights.decorated(
          withCache(this.#weights.verbs(), {
            ...{rows: tokens.length, length: 1, places: [step]},
            keyPlaces: Array.from({length: step + 1}, (_, at) => at),
            maskOf: () => ({values: new Float32Array(step + 1), shape: [1, 1, step + 1]}),
            source: {mask: paddingMask(this.width, this.lengths), states: encode?.()},
            ...{cache, next},
          }),
        ),
      });
      return this.#weights.multiply(hidden, this.#architecture.output);
    });
  }
}
