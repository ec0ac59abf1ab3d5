import {loadModel} from '@subset-tuning/models';
import {seedFolder} from './folders.js';
import {chosenRecipes} from './grid.js';
import type {Data} from './load-data.js';
import {QUICK, type Settings} from './settings.js';
import {translate} from './translate.js';
import {STEPS_PER_VALIDATION, tune} from './tune.js';

/** What a method asks of a backend: nearly all of its time goes into these two. */
export interface Work {
  /** Tokens seen in training. */
  tokens: number;
  /** Sentences translated. */
  sentences: number;
}

/** What a method of the main job asks for: it is tuned and watched, measured and proved. */
export function workOfMethod({steps, tokensPerStep}: Pick<Settings, 'steps' | 'tokensPerStep'>, data: Data): Work {
  const {validation, test} = data;
  const watched = (1 + Math.floor(steps / STEPS_PER_VALIDATION)) * validation.formal.length;
  const measured = test.formal.length + test.nobody.length;
  // With the delta, without it, and as the seed was before.
  const proved = 3 * test.formal.length;
  return {tokens: steps * tokensPerStep, sentences: watched + measured + proved};
}

/** What a recipe of the grid asks for: it is tuned, and measured on validation. */
export function workOfCandidate({steps, tokensPerStep}: Pick<Settings, 'steps' | 'tokensPerStep'>, data: Data): Work {
  const {formal, nobody} = data.validation;
  return {tokens: steps * tokensPerStep, sentences: formal.length + nobody.length};
}

/** How much of it the active backend does a second, in one thread. */
export type Rates = Work;

const TRIED_TOKENS = 64;
const TRIED_SENTENCES = 4;

/** Tries two steps of few tokens, of which the first only warms up, and a few sentences of middling length. */
export async function measureRates(data: Data): Promise<Rates> {
  const model = await loadModel(seedFolder);
  try {
    const sources = data.test.formal.map(({source}) => source).sort((a, b) => a.length - b.length);
    const middle = Math.floor((sources.length - TRIED_SENTENCES) / 2);
    const began = performance.now();
    await translate(model, sources.slice(middle, middle + TRIED_SENTENCES));
    const sentences = (1000 * TRIED_SENTENCES) / (performance.now() - began);
    const [recipe] = chosenRecipes(QUICK.methods);
    const options = {steps: 2, tokensPerStep: TRIED_TOKENS, seed: 1, watch: false};
    const {curve} = await tune(model, data, recipe, options);
    return {tokens: curve[1].tokensPerSecond, sentences};
  } finally {
    model.dispose();
  }
}

/** Seconds for `times` times the same work, `threads` at once. */
export function secondsFor(work: Work, times: number, threads: number, rates: Rates): number {
  return Math.ceil(times / threads) * (work.tokens / rates.tokens + work.sentences / rates.sentences);
}

/** What to say before a run on the cpu backend. */
export function warningOfCpu(seconds: number, rates: Rates): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  const long = minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
  return `This will take about ${long}: the cpu backend computes in plain JavaScript loops on one thread a method, \
here ${rates.tokens.toPrecision(2)} tokens a second in training and ${rates.sentences.toPrecision(2)} translated \
sentences a second. --backend wasm does the same in far less.`;
}
