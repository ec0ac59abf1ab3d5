import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {cpus} from 'node:os';
import {register} from '@subset-tuning/kernels-wasm';
import {loadModel} from '@subset-tuning/models';
import {formalShare, groupBySource, parseSentencePairs} from '@subset-tuning/tasks';
import {read} from '@subset-tuning/tiny-translator';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {expect, test} from 'vitest';
import {translating} from '../src/worker/examples.js';
import {Interrupt} from '../src/worker/interrupt.js';
import type {Recipe} from '../src/worker/protocol.js';
import {trainOnPairs} from '../src/worker/train-on-pairs.js';
import {Reader, useSite} from './open-page.js';

// What the page is measured by: `npm run measure`, which writes `results/measured.json`.
const site = useSite();
const data = (name: string) =>
  parseSentencePairs(readFileSync(new URL(`../../formal-german/data/${name}.tsv`, import.meta.url), 'utf8'));
const STEPS = 60;
/** Steps that are compared: no checkpoint is among them, which Node has no place for. */
const COMPARED = 9;
const recipe: Recipe = {
  ...{method: 'shrinking', budget: 15_989, learningRate: 0.005, steps: COMPARED, tokensPerStep: 1024, seed: 1},
};

test.runIf(process.env.MEASURE)('steps in the page and in Node, and how formal sixty of them make it', async () => {
  const inNode = median(await stepsInNode());
  const reader = await Reader.open(site);
  const {page} = reader;
  const backend = await page.locator('[data-backend]').innerText();
  await page.getByLabel('Steps', {exact: true}).fill(String(COMPARED));
  const inPage = median(await stepsInPage(reader));
  await page.getByLabel('Steps', {exact: true}).fill(String(STEPS));
  await page.getByRole('button', {name: 'Start'}).click();
  await page.getByText(`Taught in ${STEPS} steps`).waitFor();
  const sources = groupBySource(data('formal-val')).map(({source}) => source);
  const german: string[] = [];
  for (const source of sources) german.push(await reader.ask(source, 'tuned'));
  await reader.close();
  const result = {
    ...{backend, steps: STEPS, density: 0.01, validationSentences: sources.length, formal: formalShare(german)},
    tokensPerSecond: {page: inPage, node: inNode, nodeOverPage: inNode / inPage},
    machine: {cores: cpus().length, cpu: cpus()[0]?.model, node: process.version},
  };
  console.log(result);
  mkdirSync(new URL('../results/', import.meta.url), {recursive: true});
  writeFileSync(new URL('../results/measured.json', import.meta.url), `${JSON.stringify(result, null, 1)}\n`);
  expect(result.formal).toBeGreaterThanOrEqual(0.8);
});

/** Tokens a second of each step but the first, by the page's own training code in Node. */
async function stepsInNode(): Promise<number[]> {
  await tf.setBackend('wasm');
  register({replace: ['BatchMatMul', '_FusedMatMul', 'Identity']});
  const model = await loadModel('tiny-translator', {read});
  const speeds: number[] = [];
  const events = {
    onStep: ({tokensPerSecond}: {tokensPerSecond: number}) => void speeds.push(tokensPerSecond),
    onGlance: () => undefined,
    onCheckpoint: () => undefined,
  };
  const control = {interrupt: new Interrupt(), whilePaused: async () => undefined};
  const job = {recipe, pairs: data('formal-train'), probes: ['Are you tired?']};
  await trainOnPairs(model, translating(model), job, undefined, events, control);
  model.dispose();
  return speeds.slice(1);
}

/** The same, as the page shows them. */
async function stepsInPage({page}: Reader): Promise<number[]> {
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(globalThis, {seen});
    new MutationObserver(() => {
      const [step, speed] = ['Step', 'Tokens a second'].map(
        (name) => document.querySelector(`[data-number="${name}"]`)?.textContent,
      );
      const now = `${step}|${speed}`;
      if (seen.at(-1) !== now) seen.push(now);
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
  });
  await page.getByRole('button', {name: 'Start'}).click();
  await page.getByText(`Taught in ${COMPARED} steps`).waitFor();
  const seen = await page.evaluate<string[]>('seen');
  const speeds = new Map(
    seen
      .filter((text) => /^\d/.test(text))
      .map((text) => [text.split('|')[0], Number(text.split('|')[1]?.replaceAll(',', ''))]),
  );
  return [...speeds.values()].slice(1);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
