import {arrayOf, check, text} from '@subset-tuning/checks';
import type {DecoratedPass} from '../decorated-model.js';
import {GenerationWeights} from '../generation-weights.js';
import type {Tokenizer} from '../tokenizer.js';
import {Answer, type Ending} from './answer.js';
import {searchBeams} from './beam-search.js';
import {type ChooseTokens, chooseAtRandom, chooseLikeliest} from './choose-tokens.js';
import {continueRows, type Pause} from './continue-rows.js';
import type {Decoding} from './decoding.js';
import {
  checkGenerateOptions,
  checkStreamOptions,
  type GenerateOptions,
  isDrawn,
  type StreamOptions,
} from './generate-options.js';
import {randomNumbers} from './random.js';

const PROMPTS = arrayOf(text, 'an array of strings');

/** A prompt as ids, and which of the caller's it is. */
interface Prompt {
  index: number;
  ids: readonly number[];
}

/** What generation needs of a model. */
export interface Generator {
  tokenizer: Tokenizer;
  /** Its weights and its verbs as they are now. */
  pass(): DecoratedPass;
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
  const {batchSize = 64, numBeams = 1, signal} = options;
  const encoded = prompts.map((_, index) => ({index, ids: encode('generate', model, prompts, index, options)}));
  // Prompts of like length together: little padding.
  encoded.sort((a, b) => a.ids.length - b.ids.length);
  const pause = signal ? () => breathe(signal) : () => {};
  const answerTo = answering(model, options, pause);
  const answers = new Array<string>(prompts.length);
  signal?.throwIfAborted();
  // Taken before the first wait, so that an answer is of one model, whatever is assigned to a weight meanwhile.
  const weights = new GenerationWeights(model.pass());
  try {
    for (let start = 0; start < encoded.length; start += batchSize) {
      const batch = encoded.slice(start, start + batchSize);
      let made: readonly Answer[] = [];
      if (numBeams > 1) made = await answerByBeams(model, weights, batch, {...options, numBeams}, pause);
      else for await (const grown of answerTo(weights, batch, false)) made = grown;
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
  const ids = encode('stream', model, [prompt], 0, options);
  const answerTo = answering(model, options, () => breathe(signal));
  return (async function* () {
    signal?.throwIfAborted();
    const weights = new GenerationWeights(model.pass());
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
function encode(
  what: string,
  model: Generator,
  prompts: readonly string[],
  index: number,
  {addSpecialTokens}: StreamOptions,
): number[] {
  const {tokenizer, maxPromptTokens} = model;
  const ids = tokenizer.encode(prompts[index], {addSpecialTokens: addSpecialTokens ?? true});
  if (ids.length > 0 && ids.length <= maxPromptTokens) return ids;
  const text = JSON.stringify(prompts[index].slice(0, 100));
  throw new Error(`${what}: prompt ${index}, ${text}, has ${ids.length} tokens, expected 1 to ${maxPromptTokens}`);
}

/** What answers batches of prompts by these options: gives the answers each time that they have grown. */
function answering(model: Generator, options: GenerateOptions, pause: Pause) {
  const chooseFor = choosing(options);
  return async function* (
    weights: GenerationWeights,
    prompts: readonly Prompt[],
    isWatched: boolean,
  ): AsyncGenerator<readonly Answer[], void, undefined> {
    const decoding = model.begin(
      weights,
      prompts.map(({ids}) => ids),
    );
    try {
      const answers = decoding.rooms.map(
        (room) => new Answer(model.tokenizer, endingOf(model, options, room), isWatched),
      );
      const choose = chooseFor(prompts.map(({index}) => index));
      for await (const _ of continueRows(decoding, answers, choose, pause)) yield answers;
    } finally {
      decoding.dispose();
    }
  };
}

/** The answers to a batch of prompts by beam search. */
async function answerByBeams(
  model: Generator,
  weights: GenerationWeights,
  prompts: readonly Prompt[],
  options: GenerateOptions & {numBeams: number},
  pause: Pause,
): Promise<Answer[]> {
  const {numBeams, lengthPenalty = 1, earlyStopping = false} = options;
  const decoding = model.begin(
    weights,
    prompts.map(({ids}) => ids),
  );
  try {
    const endings = decoding.rooms.map((room) => endingOf(model, options, room));
    const answerOf = (ids: readonly number[], ending: Ending) => {
      const answer = new Answer(model.tokenizer, ending, false);
      return {answer, goesOn: ids.map((id) => answer.push(id)).at(-1) ?? true};
    };
    const made = await searchBeams(
      decoding,
      {numBeams, lengthPenalty, earlyStopping},
      endings.map((ending) => ({
        maxTokens: ending.maxTokens,
        hasEnded: (ids) =>
          ending.texts.length > 0 ? !answerOf(ids, ending).goesOn : ending.ids.includes(ids.at(-1) ?? -1),
      })),
      endings[0].ids.length,
      pause,
    );
    return made.map((ids, row) => answerOf(ids, endings[row]).answer);
  } finally {
    decoding.dispose();
  }
}

/** What ends an answer for which the model has so much room. */
function endingOf(model: Generator, options: GenerateOptions, room: number): Ending {
  const {maxTokens = 64, stop = model.eosTokenIds, stopTexts = []} = options;
  return {maxTokens: Math.min(maxTokens, room), ids: stop, texts: stopTexts};
}

/** How tokens of the prompts with these numbers are chosen. */
function choosing(options: GenerateOptions): (indices: readonly number[]) => ChooseTokens {
  if (!isDrawn(options)) return () => chooseLikeliest;
  const {temperature, topK, topP, seed} = options;
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
