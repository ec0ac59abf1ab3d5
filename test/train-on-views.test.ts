import {readFileSync} from 'node:fs';
import {
  loadClassifier,
  loadEncoderDecoder,
  loadModel,
  loadMultipleChoice,
  loadSpanExtractor,
  type ReadFile,
  readFiles,
} from '@subset-tuning/models';
import {
  causalView,
  classifierView,
  type EvaluatedModel,
  encoderDecoderView,
  evaluate,
  getTask,
  multipleChoiceView,
  spanView,
  type TrainingView,
} from '@subset-tuning/tasks';
import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, expect, it} from 'vitest';

// Every view with the `loss` of a model of its kind: what evaluation asks afterwards is what was learnt, token for token, or
// the answers would be wrong.

const golden = new URL('../packages/models/golden/', import.meta.url);
const file = (path: string) => new Uint8Array(readFileSync(new URL(path, golden)));

function reader(config: string, tokenizer: string, weights: string): ReadFile {
  const names = {'config.json': config, 'tokenizer.json': tokenizer, 'model.safetensors': weights};
  return readFiles(Object.entries(names).map(([name, path]) => new File([file(path)], name)));
}
const llama = () => reader('tiny-llama/config.json', 'tiny-llama/tokenizer.json', 'tiny-llama/model.safetensors');
const t5 = () => reader('t5/t5/config.json', 't5/tokenizer.json', 't5/t5/model.safetensors');
const bert = () => reader('encoders/bert/config.json', 'encoders/tokenizer.json', 'encoders/bert/backbone.safetensors');

let before: number;
beforeEach(async () => {
  await tf.setBackend('cpu');
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

type TrainedModel<Batch> = EvaluatedModel & {
  loss(batch: Batch): tf.Scalar;
  dispose(): void;
};

/** Trains a model on all examples of a view at once, frees it after `ask`, and holds the loss to falling far. */
async function learn<Example, Batch, Model extends TrainedModel<Batch>>(
  model: Model,
  makeView: (model: Model) => Promise<TrainingView<Example, Batch>>,
  ask: (model: Model) => Promise<void>,
): Promise<void> {
  const optimizer = tf.train.adam(0.02);
  try {
    const view = await makeView(model);
    const batch = view.collate(view.examples);
    const losses: number[] = [];
    let tensors = 0;
    for (let step = 0; step < 40; step++) {
      const loss = optimizer.minimize(() => model.loss(batch), true);
      losses.push(loss?.dataSync()[0] ?? Number.NaN);
      loss?.dispose();
      // The first step makes the optimizer's slots.
      if (step === 0) tensors = tf.memory().numTensors;
    }
    expect(tf.memory().numTensors).toBe(tensors);
    expect(losses.slice(0, 4)).toEqual(losses.slice(0, 4).sort((a, b) => b - a));
    expect(losses[losses.length - 1]).toBeLessThan(losses[0] / 4);
    await ask(model);
    expect(tf.memory().numTensors).toBe(tensors);
  } finally {
    optimizer.dispose();
    model.dispose();
  }
}

const jsonLines = (rows: object[]) => async () =>
  new TextEncoder().encode(rows.map((row) => JSON.stringify(row)).join('\n'));

const pairs = [
  {source: 'I know.', target: 'Was ist in'},
  {source: 'The last', target: 'Wo wohnen'},
];
const pairsFile = async () =>
  new TextEncoder().encode(pairs.map(({source, target}) => `${source}\t${target}`).join('\n'));
/** chrF of what a model says to the sources, or, of a choice, the share that is right. */
async function scoreOf(...given: Parameters<typeof evaluate>): Promise<number> {
  const {scores} = await evaluate(...given);
  return scores.find(({metric}) => ['acc', 'chrf', 'f1'].includes(metric))?.value ?? Number.NaN;
}

it('causalView: a decoder learns a text to its end', async () => {
  const model = await loadModel('llama', {read: llama()});
  const prompt = {kind: 'generation', context: '{{source}}', targets: ['{{target}}'], until: []} as const;
  await learn(
    model,
    // Its eos_token_id is 2.
    ({tokenizer, config}) => causalView(prompt, pairs, tokenizer, {maxTokens: config.maxPositions, endTokenId: 2}),
    async (model) => expect(await scoreOf(model, 'tatoeba', {data: pairsFile, prompt, maxTokens: 20})).toBe(100),
  );
});

it('causalView: a decoder learns which choice is right', async () => {
  const rows = [
    {premise: 'The cat sat.', choice1: 'he ran.', choice2: 'he sat.', question: 'cause', label: 1, idx: 0},
    {premise: 'The dog ran.', choice1: 'you sat.', choice2: 'you ran.', question: 'cause', label: 0, idx: 1},
  ];
  const {causal} = getTask('copa').prompts;
  await learn(
    await loadModel('llama', {read: llama()}),
    ({tokenizer, config}) => causalView(causal, rows, tokenizer, {maxTokens: config.maxPositions}),
    async (model) => expect(await scoreOf(model, 'copa', {data: jsonLines(rows)})).toBe(1),
  );
});

it('encoderDecoderView: an encoder with a decoder learns a text to its end', async () => {
  const prompt = {kind: 'generation', context: '{{source}}', targets: ['{{target}}'], until: ['</s>']} as const;
  await learn(
    await loadEncoderDecoder('t5', {read: t5()}),
    ({tokenizer}) => encoderDecoderView(prompt, pairs, tokenizer, {maxTokens: 64}),
    async (model) => expect(await scoreOf(model, 'tatoeba', {data: pairsFile, prompt, maxTokens: 20})).toBe(100),
  );
});

it('classifierView: a head learns labels', async () => {
  const rows = [
    {premise: 'the cat sat on the mat', hypothesis: 'the cat sat', label: 'entailment', idx: 0},
    {premise: 'the dog ran', hypothesis: 'the dog sat', label: 'not_entailment', idx: 1},
    {premise: 'the dog sat', hypothesis: 'the cat sat', label: 'not_entailment', idx: 2},
  ];
  const prompt = getTask('rte').prompts.encoder;
  if (prompt.kind !== 'pair') throw new Error('expected a pair');
  const {labels} = prompt;
  await learn(
    await loadClassifier('bert', {read: bert(), head: 'new', labels}),
    ({tokenizer, config}) =>
      classifierView(
        prompt,
        rows.map((row) => ({...row, label: labels.indexOf(row.label)})),
        tokenizer,
        {maxTokens: config.maxPositions},
      ),
    async (model) => expect(await scoreOf(model, 'rte', {data: jsonLines(rows)})).toBe(1),
  );
});

it('multipleChoiceView: a head learns which choice is right', async () => {
  const rows = [
    {premise: 'the cat sat', choice1: 'on the mat', choice2: 'in the house', question: 'cause', label: 1, idx: 0},
    {premise: 'the dog ran', choice1: 'to the mat', choice2: 'in the house', question: 'cause', label: 0, idx: 1},
  ];
  const {encoder} = getTask('copa').prompts;
  if (encoder.kind !== 'choices') throw new Error('expected choices');
  await learn(
    await loadMultipleChoice('bert', {read: bert(), head: 'new'}),
    ({tokenizer, config}) => multipleChoiceView(encoder, rows, tokenizer, {maxTokens: config.maxPositions}),
    async (model) => expect(await scoreOf(model, 'copa', {data: jsonLines(rows)})).toBe(1),
  );
});

it('spanView: a head learns where answers stand', async () => {
  const qas = (context: string, answers: Record<string, string>) =>
    Object.entries(answers).map(([question, text]) => ({
      ...{id: `${context} ${question}`, question},
      answers: [{text, answer_start: context.indexOf(text)}],
    }));
  const paragraphs = ['the big cat sat on the red mat. ', 'a small dog ran to the house.'].map((context, i) => ({
    context,
    qas: qas(context, i ? {'who ran?': 'small dog', 'where?': 'house'} : {'who?': 'the big cat', 'where?': 'mat'}),
  }));
  const data = async () => new TextEncoder().encode(JSON.stringify({version: '1.1', data: [{title: 't', paragraphs}]}));
  const rows = paragraphs.flatMap(({context, qas}) => qas.map(({answers, ...row}) => ({...row, context, answers})));
  await learn(
    await loadSpanExtractor('bert', {read: bert(), head: 'new'}),
    ({tokenizer, config}) =>
      spanView(getTask('squad').prompts.encoder, rows, tokenizer, {maxTokens: config.maxPositions}),
    async (model) => expect(await scoreOf(model, 'squad', {data})).toBe(100),
  );
});
