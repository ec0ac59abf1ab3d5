import {arrayOf, check, checkOptions, type Kinds, optional, text, wholeNumber} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {Architecture} from './architecture.js';
import {forward} from './forward.js';
import {GenerationWeights} from './generation-weights.js';
import {ints} from './ints.js';
import {type KeyValueCache, pickCache, withCache} from './key-value-cache.js';
import {causalMask, HIDDEN, type Mask} from './ops/attention.js';
import type {Tokenizer} from './tokenizer.js';

/** What generation can be told. */
export interface GenerateOptions {
  /** At most so many tokens a prompt. Default 64. */
  maxTokens?: number;
  /** Tokens that end an answer and are no part of it. Default: the model's own, `config.eosTokenIds`. */
  stop?: readonly number[];
  /** At most so many prompts at a time. Default 64. */
  batchSize?: number;
}

const PROMPTS = arrayOf(text, 'an array of strings');
const GENERATE_OPTIONS: Kinds<GenerateOptions> = {
  maxTokens: optional(wholeNumber(1)),
  stop: optional(arrayOf(wholeNumber(0), 'an array of token ids')),
  batchSize: optional(wholeNumber(1)),
};

/** What {@link generate} needs of a model. */
interface Generator {
  architecture: Architecture;
  tokenizer: Tokenizer;
  weights: ReadonlyMap<string, tf.Tensor>;
}

/** See `CausalModel.generate`. */
export async function generate(
  model: Generator,
  prompts: readonly string[],
  options: GenerateOptions,
): Promise<string[]> {
  check('generate: prompts', prompts, PROMPTS);
  checkOptions('generate', options, GENERATE_OPTIONS);
  const {maxPositions, eosTokenIds} = model.architecture.config;
  const {maxTokens = 64, stop = eosTokenIds, batchSize = 64} = options;
  const encoded = prompts.map((text, index) => ({index, ids: model.tokenizer.encode(text)}));
  for (const {index, ids} of encoded) {
    if (ids.length > 0 && ids.length < maxPositions) continue;
    const text = JSON.stringify(prompts[index].slice(0, 100));
    throw new Error(`generate: prompt ${index}, ${text}, has ${ids.length} tokens, expected 1 to ${maxPositions - 1}`);
  }
  // Prompts of like length together: little padding.
  encoded.sort((a, b) => a.ids.length - b.ids.length);
  const answers = new Array<string>(prompts.length);
  // Taken before the first wait, so that an answer is of one model, whatever is assigned to a weight meanwhile.
  const weights = new GenerationWeights(model.weights);
  try {
    for (let start = 0; start < encoded.length; start += batchSize) {
      const batch = encoded.slice(start, start + batchSize);
      const made = await continueBatch(
        model.architecture,
        weights,
        batch.map(({ids}) => ids),
        maxTokens,
        stop,
      );
      for (const [i, {index}] of batch.entries()) answers[index] = model.tokenizer.decode(made[i]);
    }
  } finally {
    weights.dispose();
  }
  return answers;
}

/**
 * The answers to a batch of prompts, as ids.
 *
 * Prompts are padded on the right to one length, `width`. Answers follow after it, so in the cache a short prompt has a
 * gap before its answer. A mask hides the gap, and positions count without it.
 */
async function continueBatch(
  architecture: Architecture,
  weights: GenerationWeights,
  prompts: readonly (readonly number[])[],
  maxTokens: number,
  stop: readonly number[],
): Promise<number[][]> {
  const {output, config} = architecture;
  const answers: number[][] = prompts.map(() => []);
  const width = Math.max(...prompts.map((ids) => ids.length));
  // Where each row of the tensors below belongs; rows leave when they are finished.
  let active = [...prompts.keys()];
  let tokens = prompts.flatMap((ids) => Array.from({length: width}, (_, at) => ids[at] ?? 0));
  let cache: KeyValueCache = {};
  try {
    for (let step = 0; ; step++) {
      const lengths = active.map((row) => prompts[row].length);
      const {length, tokenPlaces, places, maskOf, wanted} =
        step === 0 ? firstStep(lengths, width) : nextStep(lengths, width, step);
      const state = tf.tidy(() => {
        const next: KeyValueCache = {};
        const hidden = forward(architecture, {
          tokens: {ids: ints(tokens), places: ints(tokenPlaces)},
          verbs: withCache(weights.verbs(), {rows: lengths.length, length, places, maskOf, cache, next}),
          wanted: wanted && ints(wanted),
        });
        const best = tf.argMax<tf.Tensor1D>(weights.multiply(hidden, output), 1);
        return {best, next};
      });
      tf.dispose(cache);
      cache = state.next;
      const best = await readAndDispose(state.best);

      const going: number[] = [];
      for (const [i, row] of active.entries()) {
        if (stop.includes(best[i])) continue;
        const answer = answers[row];
        answer.push(best[i]);
        if (answer.length < maxTokens && prompts[row].length + answer.length < config.maxPositions) going.push(i);
      }
      if (going.length === 0) break;
      if (going.length < active.length) {
        const all = cache;
        cache = tf.tidy(() => pickCache(all, ints(going)));
        tf.dispose(all);
      }
      active = going.map((i) => active[i]);
      tokens = going.map((i) => best[i]);
    }
  } finally {
    tf.dispose(cache);
  }
  return answers;
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
function firstStep(lengths: number[], width: number): Step {
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
function nextStep(lengths: number[], width: number, step: number): Step {
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

async function readAndDispose(x: tf.Tensor): Promise<Int32Array> {
  try {
    return await x.data<'int32'>();
  } finally {
    x.dispose();
  }
}
