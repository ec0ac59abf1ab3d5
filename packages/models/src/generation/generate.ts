import {arrayOf, check, text} from '@subset-tuning/checks';
import type * as tf from '@tensorflow/tfjs-core';
import {GenerationWeights} from '../generation-weights.js';
import type {Tokenizer} from '../tokenizer.js';
import {Answer} from './answer.js';
import {type ChooseTokens, chooseAtRandom, chooseLikeliest} from './choose-tokens.js';
import {continueRows, type Pause} from './continue-rows.js';
import type {Decoding} from './decoding.js';
import {
  checkGenerateOptions,
  checkStreamOptions,
  type GenerateOptions,
  type StreamOptions,
} from './generate-options.js';
import {randomNumbers} from './random.js';

const PROMPTS = arrayOf(text, 'an array of strings');

/** What generation needs of a model. */
export interface Generator {
  tokenizer: Tokenizer;
  weights: ReadonlyMap<string, tf.Tensor>;
  eosTokenIds: readonly number[];
  /** The longest prompt. */
  maxPromptTokens: number;
  /** Begins to answer prompts, of at least one token each. */
  begin(weights: GenerationWeights, prompts: readonly (readonly number[])[]): Decoding;
}

/** See `CausalModel.generate`. */
export async function generate(
  model: Generator,
  prompts: readonly string[],
  options: GenerateOptions,
): Promise<string[]> {
  check('generate: prompts', prompts, PROMPTS);
  checkGenerateOptions(options);
  const {batchSize = 64, signal} = options;
  const encoded = prompts.map((_, index) => ({index, ids: encode('generate', model, prompts, index)}));
  // Prompts of like length together: little padding.
  encoded.sort((a, b) => a.ids.length - b.ids.length);
  const answerTo = answering(model, options, signal ? () => breathe(signal) : () => {});
  const answers = new Array<string>(prompts.length);
  signal?.throwIfAborted();
  // Taken before the first wait, so that an answer is of one model, whatever is assigned to a weight meanwhile.
  const weights = new GenerationWeights(model.weights);
  try {
    for (let start = 0; start < encoded.length; start += batchSize) {
      const batch = encoded.slice(start, start + batchSize);
      let made: readonly Answer[] = [];
      for await (const grown of answerTo(weights, batch, false)) made = grown;
      for (const [i, {index}] of batch.entries()) answers[index] = made[i].text;
    }
  } finally {
    weights.dispose();
  }
  return answers;
}

/** See `CausalModel.stream`. */
export function stream(
  model: Generator,
  prompt: string,
  options: StreamOptions,
): AsyncGenerator<string, void, undefined> {
  check('stream: prompt', prompt, text);
  checkStreamOptions(options);
  const {signal} = options;
  const ids = encode('stream', model, [prompt], 0);
  const answerTo = answering(model, options, () => breathe(signal));
  return (async function* () {
    signal?.throwIfAborted();
    const weights = new GenerationWeights(model.weights);
    try {
      for await (const [answer] of answerTo(weights, [{index: 0, ids}], true)) {
        const piece = answer.take();
        if (piece !== '') yield piece;
        signal?.throwIfAborted();
      }
    } finally {
      weights.dispose();
    }
  })();
}

/** A prompt as ids. */
function encode(what: string, model: Generator, prompts: readonly string[], index: number): number[] {
  const {tokenizer, maxPromptTokens} = model;
  const ids = tokenizer.encode(prompts[index]);
  if (ids.length > 0 && ids.length <= maxPromptTokens) return ids;
  const text = JSON.stringify(prompts[index].slice(0, 100));
  throw new Error(`${what}: prompt ${index}, ${text}, has ${ids.length} tokens, expected 1 to ${maxPromptTokens}`);
}

/** What answers batches of prompts by these options: gives the answers each time that they have grown. */
function answering(model: Generator, options: GenerateOptions, pause: Pause) {
  const {maxTokens = 64, stop = model.eosTokenIds, stopTexts = []} = options;
  const chooseFor = choosing(options);
  return async function* (
    weights: GenerationWeights,
    prompts: readonly {index: number; ids: readonly number[]}[],
    isWatched: boolean,
  ): AsyncGenerator<readonly Answer[], void, undefined> {
    const decoding = model.begin(
      weights,
      prompts.map(({ids}) => ids),
    );
    try {
      const answers = decoding.rooms.map((room) => {
        const ending = {maxTokens: Math.min(maxTokens, room), ids: stop, texts: stopTexts};
        return new Answer(model.tokenizer, ending, isWatched);
      });
      const choose = chooseFor(prompts.map(({index}) => index));
      for await (const _ of continueRows(decoding, answers, choose, pause)) yield answers;
    } finally {
      decoding.dispose();
    }
  };
}

/** How tokens of the prompts with these numbers are chosen. */
function choosing({temperature, topK, topP, seed}: GenerateOptions): (indices: readonly number[]) => ChooseTokens {
  const isDrawn = [temperature, topK, topP, seed].some((option) => option !== undefined) && temperature !== 0;
  if (!isDrawn) return () => chooseLikeliest;
  const drawnSeed = seed ?? Math.floor(Math.random() * 2 ** 32);
  return (indices) => {
    const randoms = indices.map((index) => randomNumbers(drawnSeed, index));
    return chooseAtRandom({temperature, topK, topP}, randoms);
  };
}

/** Lets the page draw and a signal come: several backends answer without a turn of the event loop. */
async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal?.throwIfAborted();
}
