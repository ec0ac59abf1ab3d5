import {arrayOf, check, checkOptions, type Kinds, optional, text, wholeNumber} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {decode, EMBEDDINGS, get, type Pass} from './decoder.js';
import {ints} from './ints.js';
import type {LlamaConfig} from './llama-config.js';
import {
  type AttentionSizes,
  attentionShares,
  causalMask,
  HIDDEN,
  mergeQueries,
  splitHeads,
  splitQueries,
} from './ops/attention.js';
import {pickRows} from './ops/gather-rows.js';
import {rotaryTable, rotate} from './ops/rotary.js';
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
  config: LlamaConfig;
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
  const {maxPositions, eosTokenIds} = model.config;
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
  // Taken before the first wait, so that an answer is of one model, whatever is assigned to a weight meanwhile. Matrices
  // are transposed once, for all steps: see `linear`. What else a pass reads shares the weights' data and keeps them;
  // not by a clone, which on wasm is a copy.
  const transposed = new Map<string, tf.Tensor2D>();
  const weights = new Map<string, tf.Tensor>();
  try {
    for (const name of model.weights.keys()) {
      const weight = get(model.weights, name);
      if (weight.rank === 2) transposed.set(name, tf.transpose(weight as tf.Tensor2D));
      if (weight.rank !== 2 || name === EMBEDDINGS) weights.set(name, tf.reshape(weight, weight.shape));
    }
    for (let start = 0; start < encoded.length; start += batchSize) {
      const batch = encoded.slice(start, start + batchSize);
      const made = await continueBatch(
        model.config,
        {weights, transposed},
        batch.map(({ids}) => ids),
        maxTokens,
        stop,
      );
      for (const [i, {index}] of batch.entries()) answers[index] = model.tokenizer.decode(made[i]);
    }
  } finally {
    tf.dispose([...transposed.values(), ...weights.values()]);
  }
  return answers;
}

/** The weights of a pass: matrices in `transposed`, the others and the embeddings in `weights`. */
interface Kept {
  weights: ReadonlyMap<string, tf.Tensor>;
  transposed: ReadonlyMap<string, tf.Tensor2D>;
}

/** Rotated keys, and values, of a layer: [rows, keyValueHeads, tokens, headSize]. */
type Cache = {keys: tf.Tensor4D; values: tf.Tensor4D};

/**
 * The answers to a batch of prompts, as ids.
 *
 * Prompts are padded on the right to one length, `width`. Answers follow after it, so in the cache a short prompt has a
 * gap before its answer. A mask hides the gap, and positions count without it.
 */
async function continueBatch(
  config: LlamaConfig,
  {weights, transposed}: Kept,
  prompts: readonly (readonly number[])[],
  maxTokens: number,
  stop: readonly number[],
): Promise<number[][]> {
  const answers: number[][] = prompts.map(() => []);
  const width = Math.max(...prompts.map((ids) => ids.length));
  // Where each row of the tensors below belongs; rows leave when they are finished.
  let active = [...prompts.keys()];
  let tokens = prompts.flatMap((ids) => Array.from({length: width}, (_, at) => ids[at] ?? 0));
  let caches: Cache[] = [];
  try {
    for (let step = 0; ; step++) {
      const lengths = active.map((row) => prompts[row].length);
      const state = tf.tidy(() => {
        const kept: Cache[] = [];
        const pass =
          step === 0 ? firstPass(config, lengths, width, kept) : nextPass(config, lengths, width, step, caches, kept);
        const hidden = decode(config, weights, ints(tokens), {
          ...pass,
          project: (x, name) => tf.matMul(x, get(transposed, name)),
        });
        const best = tf.argMax<tf.Tensor1D>(tf.matMul(hidden, get(transposed, EMBEDDINGS)), 1);
        return {best, kept};
      });
      disposeCaches(caches);
      caches = state.kept;
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
        const fewer = tf.tidy(() => {
          const rows = ints(going);
          return caches.map(({keys, values}) => ({keys: pickRows(keys, rows), values: pickRows(values, rows)}));
        });
        disposeCaches(caches);
        caches = fewer;
      }
      active = going.map((i) => active[i]);
      tokens = going.map((i) => best[i]);
    }
  } finally {
    disposeCaches(caches);
  }
  return answers;
}

type Attend = Omit<Pass, 'project'>;

/** Reads the prompts and fills the caches. */
function firstPass(config: LlamaConfig, lengths: number[], width: number, kept: Cache[]): Attend {
  const sizes = sizesOf(config, lengths.length, width);
  const places = Array.from({length: width}, (_, at) => at);
  return {
    attend: attendCached(config, sizes, places, causalMask(width), [], kept),
    positions: ints(lengths.map((length, row) => row * width + length - 1)),
  };
}

/** Reads one token a row, the `step`th of its answer, counted from 1. */
function nextPass(
  config: LlamaConfig,
  lengths: number[],
  width: number,
  step: number,
  caches: Cache[],
  kept: Cache[],
): Attend {
  const seen = width + step;
  const mask = new Float32Array(lengths.length * seen);
  for (const [row, length] of lengths.entries()) mask.fill(HIDDEN, row * seen + length, row * seen + width);
  const places = lengths.map((length) => length + step - 1);
  const sizes = sizesOf(config, lengths.length, 1);
  return {attend: attendCached(config, sizes, places, tf.tensor3d(mask, [lengths.length, 1, seen]), caches, kept)};
}

/** Attention to the cached tokens and the new ones, which join the cache in `kept`. */
function attendCached(
  {keyValueHeads, headSize, ropeTheta}: LlamaConfig,
  sizes: AttentionSizes,
  places: number[],
  mask: tf.Tensor3D,
  caches: Cache[],
  kept: Cache[],
): Pass['attend'] {
  const queryTable = rotaryTable(places, sizes.heads, headSize, ropeTheta);
  const keyTable = rotaryTable(places, keyValueHeads, headSize, ropeTheta);
  const shape = [sizes.rows, keyValueHeads, sizes.length, headSize] as [number, number, number, number];
  return (layer, [q, k, v]) => {
    const newKeys = tf.reshape<tf.Rank.R4>(splitHeads(rotate(k, keyTable, headSize), sizes), shape);
    const newValues = tf.reshape<tf.Rank.R4>(splitHeads(v, sizes), shape);
    const cache = caches[layer];
    const keys = cache ? tf.concat<tf.Tensor4D>([cache.keys, newKeys], 2) : newKeys;
    const values = cache ? tf.concat<tf.Tensor4D>([cache.values, newValues], 2) : newValues;
    kept.push({keys, values});
    const queries = splitQueries(rotate(q, queryTable, headSize), sizes);
    const flat = (x: tf.Tensor4D) => tf.reshape(x, [-1, x.shape[2], headSize]) as tf.Tensor3D;
    const share = attentionShares(queries, flat(keys), mask, sizes);
    return mergeQueries(tf.matMul(share, flat(values)), sizes);
  };
}

function sizesOf({heads, keyValueHeads, headSize}: LlamaConfig, rows: number, length: number): AttentionSizes {
  return {rows, length, heads, keyValueHeads, headSize};
}

async function readAndDispose(x: tf.Tensor): Promise<Int32Array> {
  try {
    return await x.data<'int32'>();
  } finally {
    x.dispose();
  }
}

function disposeCaches(caches: readonly Cache[]): void {
  for (const {keys, values} of caches) tf.dispose([keys, values]);
}
