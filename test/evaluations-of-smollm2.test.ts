import {readFileSync} from 'node:fs';
import {register} from '@subset-tuning/kernels-wasm';
import {type CausalModel, loadModel} from '@subset-tuning/models';
import {type EvaluationSample, evaluate} from '@subset-tuning/tasks';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {realModel} from './real-model.js';
import {testScale} from './scale.js';
import {textData} from './text-data.js';

// What lm-evaluation-harness makes of transformers' model: see packages/tasks/golden/make_evaluation.py.
interface OfFixture {
  keys: string[];
  configKeys: string[];
  results: Record<string, Record<string, number | string>>;
  samples: EvaluationSample[];
  [key: string]: unknown;
}
interface OfData {
  results: Record<string, number | string>;
  task_hash: string;
  rows: {hashes: string[]; said: string | [number, boolean][]}[];
}
const golden: {fixtures: Record<string, OfFixture>; data: Record<string, OfData>} = JSON.parse(
  readFileSync(new URL('../packages/tasks/golden/evaluation.json', import.meta.url), 'utf8'),
);
const path = realModel('smollm2');
const data = textData();
/** How far a log-likelihood may be from the harness's. */
const MOST = 2e-3;

/** A task's fixture; its rows without a label, which the harness was not asked about, are left out. */
function fixture(name: string) {
  const lines = readFileSync(new URL(`../packages/tasks/fixtures/data/${name}.jsonl`, import.meta.url), 'utf8').split(
    '\n',
  );
  const kept = lines.filter((line) => line !== '' && (name === 'multirc' || 'label' in JSON.parse(line)));
  return async () => new TextEncoder().encode(kept.join('\n'));
}
const saidIn = ({resps}: EvaluationSample) =>
  (resps as [[string, string]][]).map(([[sum, isGreedy]]): [number, boolean] => [Number(sum), isGreedy === 'True']);

function checkSaid(got: [number, boolean][], wanted: [number, boolean][]): void {
  expect(got.map(([, isGreedy]) => isGreedy)).toEqual(wanted.map(([, isGreedy]) => isGreedy));
  for (const [i, [sum]] of got.entries()) expect(Math.abs(sum - wanted[i][0])).toBeLessThan(MOST);
}

describe.skipIf(path === undefined)('SmolLM2-135M-Instruct, as lm-evaluation-harness evaluates it', () => {
  let model: CausalModel;
  let before: number;
  let undo: () => void;
  beforeAll(async () => {
    expect(await tf.setBackend('wasm')).toBe(true);
    undo = register({replace: ['BatchMatMul', '_FusedMatMul']});
    before = tf.memory().numTensors;
    model = await loadModel(path ?? '');
  });
  afterAll(() => {
    model.dispose();
    undo();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(Object.keys(golden.fixtures))('on the fixture of %s: whole results and samples', async (name) => {
    const wanted = golden.fixtures[name];
    const limit = wanted.samples.length;
    const {results, samples} = await evaluate(model, name, {data: fixture(name), limit});
    expect(samples.length).toBe(limit);
    for (const [i, sample] of samples.entries()) {
      const {resps, filtered_resps, acc_norm, acc_bytes, metrics, ...others} = sample;
      const theirs = wanted.samples[i];
      checkSaid(saidIn(sample), saidIn(theirs));
      expect(filtered_resps).toEqual((resps as unknown[][]).map(([one]) => one));
      expect(metrics).toEqual(expect.arrayContaining([...theirs.metrics]));
      const {resps: _, filtered_resps: __, metrics: ___, ...rest} = theirs;
      expect(others).toEqual(rest);
    }
    const [task] = Object.keys(wanted.results);
    for (const [key, value] of Object.entries(wanted.results[task])) {
      // The harness knows no error of F1.
      if (value !== 'N/A')
        expect([key, results.results[task][key]]).toEqual([
          key,
          typeof value === 'number' ? expect.closeTo(value, 9) : value,
        ]);
    }
    expect(Object.keys(results)).toEqual(expect.arrayContaining(wanted.keys));
    for (const key of ['versions', 'n-shot', 'task_hashes']) expect(results[key]).toEqual(wanted[key]);
    expect(results.higher_is_better[task]).toMatchObject((wanted.higher_is_better as Record<string, object>)[task]);
  });

  it.runIf(data)('on the first rows of the real data', async () => {
    const folders = {boolq: 'BoolQ', cb: 'CB', copa: 'COPA', rte: 'RTE', wic: 'WiC', wsc: 'WSC'};
    for (const [name, folder] of Object.entries(folders)) {
      const wanted = golden.data[name];
      // All of them take minutes: `npm run evaluate` and golden/check_results.py do that. The first show whether they would.
      const {samples} = await evaluate(model, name, {data: `${data}/superglue/${folder}`, limit: 4});
      for (const [i, sample] of samples.entries()) {
        checkSaid(saidIn(sample), wanted.rows[i].said as [number, boolean][]);
        const {doc_hash, prompt_hash, target_hash} = sample;
        expect([doc_hash, prompt_hash, target_hash].map((hash) => hash.slice(0, 8))).toEqual(wanted.rows[i].hashes);
      }
    }
  });

  it.runIf(data)('GSM8K’s problems, worked out word for word', async () => {
    const wanted = golden.data.gsm8k;
    // Two take as long as all rows above; all of them by `npm run test:all`, and by golden/check_results.py.
    const limit = testScale < 1 ? 2 : wanted.rows.length;
    const {samples, results} = await evaluate(model, 'gsm8k', {
      ...{data: `${data}/gsm8k`, shots: 2, sampler: 'first', limit},
    });
    const strict = samples.filter(({filter}) => filter === 'strict-match');
    expect(strict).toHaveLength(limit);
    for (const [i, {resps, doc_hash, prompt_hash, target_hash}] of strict.entries()) {
      expect(resps).toEqual([[wanted.rows[i].said]]);
      expect([doc_hash, prompt_hash, target_hash].map((hash) => hash.slice(0, 8))).toEqual(wanted.rows[i].hashes);
    }
    if (limit < wanted.rows.length) return;
    expect(results.results.gsm8k).toMatchObject(wanted.results);
    expect(results.task_hashes).toEqual({gsm8k: wanted.task_hash});
  });
});
