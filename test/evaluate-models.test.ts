import {readFileSync} from 'node:fs';
import {
  loadClassifier,
  loadEncoderDecoder,
  loadMultipleChoice,
  loadSpanExtractor,
  type ReadFile,
  readFiles,
} from '@subset-tuning/models';
import {type EvaluatedModel, evaluate, getTask} from '@subset-tuning/tasks';
import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, expect, it} from 'vitest';

// Every kind of prompt with a model of its kind: tiny ones with random weights. What they say is compared with what the
// models say themselves.

const golden = new URL('../packages/models/golden/', import.meta.url);
const fixture = (name: string) => async () =>
  new Uint8Array(readFileSync(new URL(`../packages/tasks/fixtures/data/${name}.jsonl`, import.meta.url)));
const file = (path: string, name: string) => new File([new Uint8Array(readFileSync(new URL(path, golden)))], name);

/** A tiny BERT without a head. */
const bert = (): ReadFile =>
  readFiles([
    file('encoders/bert/config.json', 'config.json'),
    file('encoders/tokenizer.json', 'tokenizer.json'),
    file('encoders/bert/backbone.safetensors', 'model.safetensors'),
  ]);
const t5 = (): ReadFile =>
  readFiles([
    file('t5/t5/config.json', 'config.json'),
    file('t5/tokenizer.json', 'tokenizer.json'),
    file('t5/t5/model.safetensors', 'model.safetensors'),
  ]);

let before: number;
beforeEach(async () => {
  await tf.setBackend('cpu');
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

/** What this makes of a model, which it frees. */
async function using<M extends EvaluatedModel & {dispose(): void}, T>(model: M, make: (model: M) => Promise<T>) {
  try {
    return await make(model);
  } finally {
    model.dispose();
  }
}

it('pairs: a classifier, whose labels stand in another order', async () => {
  const labels = ['not_entailment', 'entailment'];
  const model = await loadClassifier('bert', {read: bert(), head: 'new', labels});
  await using(model, async (model) => {
    const {scores, samples} = await evaluate(model, 'rte', {data: fixture('rte')});
    expect(samples.length).toBeGreaterThan(1);
    for (const {doc, acc} of samples) {
      const {premise, hypothesis, label} = doc as {premise: string; hypothesis: string; label: number};
      const [said] = await model.predict([[premise, hypothesis]]);
      expect(acc).toBe(said.labels[0] === ['entailment', 'not_entailment'][label] ? 1 : 0);
    }
    expect(scores[0]).toMatchObject({metric: 'acc', filter: 'none'});
  });
});

it('choices: a head that takes one', async () => {
  const model = await loadMultipleChoice('bert', {read: bert(), head: 'new'});
  await using(model, async (model) => {
    const {samples} = await evaluate(model, 'copa', {data: fixture('copa')});
    for (const {doc, acc} of samples) {
      const {premise, choice1, choice2, question, label} = doc as Record<string, string>;
      const asked = question === 'cause' ? 'What was the cause?' : 'What happened as a result?';
      expect(acc).toBe((await model.predict(`${premise} ${asked}`, [choice1, choice2])) === Number(label) ? 1 : 0);
    }
  });
});

it('spans: a head that finds an answer', async () => {
  const [context, question] = ['she lives in oslo', 'where ?'];
  const qas = [{id: 'a', question, answers: [{text: 'oslo', answer_start: 13}]}];
  const data = async () =>
    new TextEncoder().encode(JSON.stringify({version: '1.1', data: [{title: 't', paragraphs: [{context, qas}]}]}));
  const model = await loadSpanExtractor('bert', {read: bert(), head: 'new'});
  await using(model, async (model) => {
    const {scores, samples} = await evaluate(model, 'squad', {data});
    expect(samples[0].resps).toEqual([[(await model.predict(question, context)).text]]);
    expect(scores.map(({metric}) => metric)).toEqual(['f1', 'exact_match']);
  });
});

it('texts and choices: an encoder and a decoder', async () => {
  const model = await loadEncoderDecoder('t5', {read: t5()});
  await using(model, async (model) => {
    const {samples, results} = await evaluate(model, 'rte', {data: fixture('rte'), maxTokens: 4});
    expect(Object.keys(results.results)).toEqual(['rte_textToText']);
    const inputs = samples.map(({arguments: {gen_args_0}}) => String(gen_args_0.arg_0));
    expect(samples.map(({resps}) => resps)).toEqual(
      (await model.generate(inputs, {maxTokens: 4, stopTexts: ['</s>']})).map((said) => [[said]]),
    );
    const {prompts} = getTask('rte');
    const chosen = await evaluate(model, 'rte', {data: fixture('rte'), prompt: prompts.causal});
    const [{resps, arguments: asked}] = chosen.samples;
    const [{sum}] = await model.logProbabilities([
      [
        model.tokenizer.encode(String(asked.gen_args_0.arg_0)),
        model.tokenizer.encode(String(asked.gen_args_0.arg_1), {addSpecialTokens: false}),
      ],
    ]);
    expect(Number((resps as [[string]][])[0][0][0])).toBeCloseTo(sum, 3);
  });
});

it('leaves no tensor where it is cancelled', async () => {
  const model = await loadEncoderDecoder('t5', {read: t5()});
  await using(model, async (model) => {
    const {prompts} = getTask('rte');
    for (const prompt of [prompts.causal, prompts.textToText]) {
      const controller = new AbortController();
      const {numTensors} = tf.memory();
      const onProgress = ({done}: {done: number}) => done > 0 && controller.abort(new Error('enough'));
      const {signal} = controller;
      const pending = evaluate(model, 'rte', {
        data: fixture('rte'),
        prompt,
        batchSize: 1,
        maxTokens: 4,
        onProgress,
        signal,
      });
      await expect(pending).rejects.toThrow('enough');
      expect(tf.memory().numTensors).toBe(numTensors);
    }
  });
});
