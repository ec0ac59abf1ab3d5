import type * as tf from '@tensorflow/tfjs-core';
import type {Architecture} from '../architecture.js';
import {forward} from '../forward.js';
import type {GenerationWeights} from '../generation-weights.js';
import {ints} from '../ints.js';
import {withCache} from '../key-value-cache.js';
import {causalMask, HIDDEN, type Mask} from '../ops/attention.js';
import {CachedDecoding} from './cached-decoding.js';

/**
 * The decoding of a decoder-only model, with a key/value cache.
 *
 * Prompts are padded on the right to one length. Answers follow after it, so in the cache a short prompt has a gap before
 * its answer. A mask hides the gap, and positions count without it.
 */
export class CausalDecoding extends CachedDecoding {
  readonly rooms: readonly number[];
  readonly #architecture: Architecture;
  readonly #weights: GenerationWeights;

  constructor(architecture: Architecture, weights: GenerationWeights, prompts: readonly (readonly number[])[]) {
    super(prompts);
    this.#architecture = architecture;
    this.#weights = weights;
    this.rooms = this.lengths.map((length) => architecture.config.maxPositions - length);
  }

  start(): tf.Tensor2D {
    const {width} = this;
    const tokens = this.prompts.flatMap((ids) => Array.from({length: width}, (_, at) => ids[at] ?? 0));
    return this.#read(tokens, firstStep(this.lengths, width));
  }

  protected readNext(tokens: readonly number[], step: number): tf.Tensor2D {
    return this.#read(tokens, nextStep(this.lengths, this.width, step));
  }

  #read(tokens: readonly number[], {length, tokenPlaces, places, maskOf, wanted}: Step): tf.Tensor2D {
    return this.run((cache, next) => {
      const hidden = forward(this.#architecture, {
        tokens: {ids: ints(tokens), places: ints(tokenPlaces)},
        verbs: this.#weights.decorated(
          withCache(this.#weights.verbs(), {rows: this.lengths.length, length, places, maskOf, cache, next}),
        ),
        wanted: wanted && ints(wanted),
      });
      return this.#weights.multiply(hidden, this.#architecture.output);
    });
  }
}

/** What a step of generation computes on. */
interface Step {
  /** New tokens a row. */
  length: number;
  /** The position of each new token, of all rows. */
  tokenPlaces: number[];
  /** The same, of one row where all rows have the same. */
  places: number[];
  /** The mask of an attention that looks so far back. */
  maskOf(window?: number): Mask;
  /** The tokens that are followed by an answer, where not all are. */
  wanted?: number[];
}

/** Reads the prompts. */
function firstStep(lengths: readonly number[], width: number): Step {
  const places = Array.from({length: width}, (_, at) => at);
  return {
    length: width,
    tokenPlaces: lengths.flatMap(() => places),
    places,
    maskOf: (window) => causalMask(width, window),
    wanted: lengths.map((length, row) => row * width + length - 1),
  };
}

/** Reads one token a row, the `step`th of its answer, counted from 1. */
function nextStep(lengths: readonly number[], width: number, step: number): Step {
  const places = lengths.map((length) => length + step - 1);
  const seen = width + step;
  const maskOf = (window = Infinity): Mask => {
    const values = new Float32Array(lengths.length * seen);
    for (const [row, length] of lengths.entries()) {
      const hide = (from: number, to: number) =>
        values.fill(HIDDEN, row * seen + from, row * seen + Math.max(from, to));
      hide(length, width);
      // The window's first token, in the prompt or, after the gap, in the answer.
      const first = Math.max(0, places[row] + 1 - window);
      hide(0, first < length ? first : first + width - length);
    }
    return {values, shape: [lengths.length, 1, seen]};
  };
  return {length: 1, tokenPlaces: places, places, maskOf};
}
