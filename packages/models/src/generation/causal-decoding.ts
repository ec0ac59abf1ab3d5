import type * as tf from '@tensorflow/tfjs-core';
import type {Architecture} from '../architecture.js';
import {forward} from '../forward.js';
import type {GenerationWeights} from '../generation-weights.js';
import {ints} from '../ints.js';
import {withCache} from '../key-value-cache.js';
import {causalMask, HIDDEN, type Mask} from '../ops/attention.js';
import {prependTokens} from '../ops/prepend-tokens.js';
import {countVirtual, type VirtualTokens} from '../virtual-tokens.js';
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
  /** How many virtual tokens there are of each kind. */
  readonly #virtual: {prompt: number; prefix: number};
  /** How many places they take before each row. */
  readonly #before: number;

  constructor(architecture: Architecture, weights: GenerationWeights, prompts: readonly (readonly number[])[]) {
    super(prompts);
    this.#architecture = architecture;
    this.#weights = weights;
    const {prompt, prefix} = weights.virtual;
    this.#virtual = {prompt: prompt?.tokens ?? 0, prefix: prefix?.tokens ?? 0};
    this.#before = countVirtual(weights.virtual);
    this.rooms = this.lengths.map((length) => architecture.config.maxPositions - this.#before - length);
  }

  start(): tf.Tensor2D {
    const {width} = this;
    const tokens = this.prompts.flatMap((ids) => Array.from({length: width}, (_, at) => ids[at] ?? 0));
    return this.#read(tokens, firstStep(this.lengths, width, this.#virtual), this.#weights.virtual);
  }

  protected readNext(tokens: readonly number[], step: number): tf.Tensor2D {
    const lengths = this.lengths.map((length) => this.#before + length);
    return this.#read(tokens, nextStep(lengths, this.#before + this.width, step));
  }

  #read(
    tokens: readonly number[],
    {length, tokenPlaces, places, maskOf, wanted}: Step,
    {prompt, prefix}: VirtualTokens = {},
  ): tf.Tensor2D {
    const rows = this.lengths.length;
    const weights = this.#weights.tensors;
    return this.run((cache, next) => {
      const hidden = forward(this.#architecture, {
        tokens: {ids: ints(tokens), places: ints(tokenPlaces)},
        verbs: this.#weights.decorated(
          withCache(this.#weights.verbs(), {
            ...{rows, length, places, maskOf, cache, next},
            prefix: prefix && ((name) => prefix.attend(name, weights)),
          }),
        ),
        ahead: prompt && ((x) => prependTokens(prompt.embed(weights), x, rows)),
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

/** Reads the prompts, behind so many virtual tokens. */
function firstStep(lengths: readonly number[], width: number, virtual: {prompt: number; prefix: number}): Step {
  const read = virtual.prompt + width;
  const places = Array.from({length: read}, (_, at) => virtual.prefix + at);
  return {
    length: read,
    tokenPlaces: lengths.flatMap(() => places),
    places,
    maskOf: (window) => causalMask(virtual.prefix + read, window, read),
    wanted: lengths.map((length, row) => row * read + virtual.prompt + length - 1),
  };
}

/** Reads one token a row, the `step`th of its answer, counted from 1. Lengths are with virtual tokens. */
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
