import type * as tf from '@tensorflow/tfjs-core';
import type {EncoderDecoder} from '../architecture.js';
import {forward} from '../forward.js';
import type {GenerationWeights} from '../generation-weights.js';
import {hiddenStates} from '../hidden-states.js';
import {ints} from '../ints.js';
import {withCache} from '../key-value-cache.js';
import {paddingMask} from '../ops/attention.js';
import {pad} from '../padded.js';
import type {Verbs} from '../verbs.js';
import {countVirtual} from '../virtual-tokens.js';
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
    this.rooms = prompts.map(() => architecture.config.maxPositions - countVirtual(weights.virtual));
  }

  start(): tf.Tensor2D {
    const {encoder, config} = this.#architecture;
    const decorateFirst = (verbs: Verbs) => ({...verbs, ...this.#weights.verbs()});
    const pass = {...this.#weights.pass, prefix: undefined};
    const encode = () => hiddenStates(encoder, pass, pad(this.prompts), {withPrompt: true, decorateFirst});
    const tokens = this.prompts.map(() => config.decoderStartTokenId);
    return this.#read(tokens, 0, encode);
  }

  protected readNext(tokens: readonly number[], step: number): tf.Tensor2D {
    return this.#read(tokens, step);
  }

  /** Reads one token a row. */
  #read(tokens: readonly number[], step: number, encode?: () => tf.Tensor2D): tf.Tensor2D {
    const {prompt, prefix} = this.#weights.virtual;
    const weights = this.#weights.tensors;
    const place = (prefix?.tokens ?? 0) + step;
    const inSource = prompt?.tokens ?? 0;
    const sourceLengths = this.lengths.map((length) => inSource + length);
    return this.run((cache, next) => {
      const hidden = forward(this.#architecture.decoder, {
        tokens: {ids: ints(tokens), places: ints(tokens.map(() => place))},
        verbs: this.#weights.decorated(
          withCache(this.#weights.verbs(), {
            ...{rows: tokens.length, length: 1, places: [place]},
            keyPlaces: Array.from({length: place + 1}, (_, at) => at),
            maskOf: () => ({values: new Float32Array(place + 1), shape: [1, 1, place + 1]}),
            source: {mask: paddingMask(inSource + this.width, sourceLengths), states: encode?.()},
            prefix: prefix && step === 0 ? (name) => prefix.attend(name, weights) : undefined,
            ...{cache, next},
          }),
        ),
      });
      return this.#weights.multiply(hidden, this.#architecture.output);
    });
  }
}
