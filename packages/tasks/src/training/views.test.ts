import {readFileSync} from 'node:fs';
import {Tokenizer} from '@huggingface/tokenizers';
import {describe, expect, it} from 'vitest';
import {parseSquad} from '../data/squad.js';
import {
  causalView,
  classifierView,
  type EncoderTokenizer,
  encodeContinuation,
  encoderDecoderView,
  getTask,
  multipleChoiceView,
  spanView,
  type TextWindow,
} from '../index.js';
import type {PairTokenizer} from '../translation-example.js';

// What lm-evaluation-harness and transformers make of the same texts: see golden/make_training.py.

interface Golden {
  continuations: {context: string; continuation: string; ids: [number[], number[]]}[];
  context: string;
  spans: {
    maxTokens: number;
    stride: number;
    answers: {text: string; answer_start: number}[];
    windows: (TextWindow & {start: number; end: number})[];
  }[];
}
const read = (name: string) => JSON.parse(readFileSync(new URL(`../../golden/${name}`, import.meta.url), 'utf8'));
const golden: Golden = read('training.json');
const huggingFace = new Tokenizer(read('tokenizer.json'), {});
const tokenizer: PairTokenizer = {
  encode: (text, {addSpecialTokens = true} = {}) =>
    huggingFace.encode(text, {add_special_tokens: addSpecialTokens}).ids,
};

const boolq = [
  {question: 'do sea otters hold hands', passage: 'Some of them do.', idx: 0, label: 1},
  {question: 'is it big', passage: 'It is.', idx: 1, label: 0},
  {question: 'who knows', passage: 'Hm …', idx: 2},
];
const labelled = boolq.slice(0, 2);
const {causal, textToText, encoder} = getTask('boolq').prompts;

describe('encodeContinuation', () => {
  it.each(golden.continuations)('has the harness’s tokens: $context, $continuation', ({context, continuation, ids}) => {
    const found = encodeContinuation(tokenizer, context, continuation);
    expect([found.context, found.continuation]).toEqual(ids);
  });
});

describe('causalView', () => {
  it('gives the context, and counts the right choice alone', async () => {
    const view = await causalView(causal, labelled, tokenizer, {maxTokens: 512});
    for (const [i, {question, passage, label}] of labelled.entries()) {
      const given = tokenizer.encode(`${passage}\nQuestion: ${question}?\nAnswer:`);
      const whole = tokenizer.encode(`${passage}\nQuestion: ${question}?\nAnswer: ${label ? 'yes' : 'no'}`);
      const {inputs, targets, weights} = view.examples[i];
      expect([...inputs, targets[targets.length - 1]]).toEqual(whole);
      expect([inputs[0], ...targets]).toEqual(whole);
      expect(weights).toEqual(whole.slice(1).map((_, at) => Number(at + 1 >= given.length)));
      expect(view.lengthOf(view.examples[i])).toBe(inputs.length);
    }
    const {inputs, targets, weights} = view.collate(view.examples);
    const [long, short] = view.examples;
    const padding = new Array(long.inputs.length - short.inputs.length).fill(0);
    expect(padding.length).toBeGreaterThan(0);
    expect(inputs).toEqual([long.inputs, [...short.inputs, ...padding]]);
    expect(targets).toEqual([long.targets, [...short.targets, ...padding]]);
    expect(weights).toEqual([long.weights, [...short.weights, ...padding]]);
  });

  it('learns the first target or all, and how to stop', async () => {
    const row = {context: 'It is big.', question: 'Wo?', answers: [{text: 'big'}, {text: 'It is big'}]};
    const prompt = getTask('squad').prompts.causal;
    const options = {maxTokens: 512, endTokenId: 1};
    const first = await causalView(prompt, [row], tokenizer, options);
    expect(first.examples).toHaveLength(1);
    const all = await causalView(prompt, [row], tokenizer, {...options, right: 'all'});
    const learnt = all.examples.map(({targets, weights}) => targets.filter((_, at) => weights[at] > 0));
    expect(all.examples[0]).toEqual(first.examples[0]);
    const text = (ids: number[]) => huggingFace.decode(ids);
    expect(learnt.map((ids) => ids.at(-1))).toEqual([1, 1]);
    expect(learnt.map((ids) => text(ids.slice(0, -1)).trim())).toEqual(['big', 'It is big']);
  });

  it('asks with shots and in a chat as evaluation does', async () => {
    const chat = (messages: {content: string}[]) => `<s>${messages.map(({content}) => content).join('|')}<de>`;
    const view = await causalView(causal, labelled, tokenizer, {
      maxTokens: 512,
      render: (_, index) => ({chat, shots: [labelled[1 - index]], shotsAsTurns: true}),
    });
    const {inputs, targets} = view.examples[0];
    const text = `<s>It is.\nQuestion: is it big?\nAnswer:|no|Some of them do.\nQuestion: do sea otters hold hands?\nAnswer:<de>yes`;
    expect([inputs[0], ...targets]).toEqual(tokenizer.encode(text, {addSpecialTokens: false}));
  });

  it('refuses, leaves out or cuts what does not fit, and says which', async () => {
    const {length} = (await causalView(causal, labelled, tokenizer, {maxTokens: 512})).examples[0].inputs;
    const maxTokens = length - 1;
    await expect(causalView(causal, labelled, tokenizer, {maxTokens})).rejects.toThrow(
      `causalView: row 0: it has ${length} tokens, expected at most ${maxTokens}; tooLong: 'cut' leaves out the context's start`,
    );
    const out = await causalView(causal, boolq, tokenizer, {maxTokens, tooLong: 'leave out', unlabelled: 'leave out'});
    expect(out.examples).toHaveLength(1);
    expect(out.leftOut.map(({row, why}) => [row, why.slice(0, 6)])).toEqual([
      [0, 'it has'],
      [2, 'it is '],
    ]);
    const whole = await causalView(causal, labelled, tokenizer, {maxTokens: length});
    const cut = await causalView(causal, labelled, tokenizer, {maxTokens, tooLong: 'cut'});
    expect(cut.cut).toEqual([0]);
    // As the harness cuts: from the left.
    for (const part of ['inputs', 'targets', 'weights'] as const) {
      expect(cut.examples[0][part]).toEqual(whole.examples[0][part].slice(1));
    }
    expect(cut.examples[1]).toEqual(whole.examples[1]);
    await expect(causalView(causal, labelled, tokenizer, {maxTokens: 1, tooLong: 'cut'})).rejects.toThrow(
      /row 0: what is to be learnt has \d+ tokens, expected at most 1/,
    );
    await expect(causalView(causal, boolq, tokenizer, {maxTokens: 512})).rejects.toThrow(
      'causalView: row 2: it is not known what is right',
    );
  });
});

/** One token a word: enough to see what goes where. */
const words: EncoderTokenizer & {encodePair: unknown} = {
  encode: (text, {maxTokens = Infinity} = {}) => [...text.split(' ').map((word) => word.length), 0].slice(-maxTokens),
  encodePair: (first, second, {maxTokens = Infinity} = {}) => {
    const [a, b] = [first, second].map((text) => text.split(' ').map((word) => word.length));
    return {
      ids: [...a, ...b].slice(0, maxTokens),
      tokenTypes: [...a.map(() => 0), ...b.map(() => 1)].slice(0, maxTokens),
    };
  },
};

it('encoderDecoderView reads the context and answers the target, both with their ends', async () => {
  const view = await encoderDecoderView(textToText, labelled, words, {maxTokens: 13});
  expect(view.collate(view.examples)).toEqual({
    inputs: labelled.map(({question, passage}) => words.encode(`boolq passage: ${passage} question: ${question}`)),
    targets: [words.encode('True'), words.encode('False')],
  });
  expect(view.lengthOf(view.examples[0])).toBe(view.examples[0].input.length + 2);
  await expect(encoderDecoderView(textToText, labelled, words, {maxTokens: 12})).rejects.toThrow(
    'encoderDecoderView: row 0: it has 13 tokens, expected at most 12',
  );
  const cut = await encoderDecoderView(textToText, labelled, words, {maxTokens: 12, tooLong: 'cut'});
  expect([cut.cut, cut.examples[0].input.length]).toEqual([[0], 12]);
  await expect(
    encoderDecoderView(textToText, labelled, words, {maxTokens: 13, maxTargetTokens: 1, tooLong: 'cut'}),
  ).rejects.toThrow('row 0: what is to be learnt has 2 tokens, expected at most 1');
});

it('classifierView gives both texts and the label', async () => {
  if (encoder.kind !== 'pair') throw new Error('expected a pair');
  const view = await classifierView(encoder, labelled, words, {maxTokens: 9});
  expect(view.collate(view.examples)).toEqual({
    inputs: labelled.map(({question, passage}) => words.encodePair(question, passage)),
    labels: [1, 0],
  });
  const cut = await classifierView(encoder, boolq, words, {maxTokens: 8, tooLong: 'cut', unlabelled: 'leave out'});
  expect([cut.cut, cut.leftOut.map(({row}) => row), cut.examples[0].input.ids.length]).toEqual([[0], [2], 8]);
  const alone = await classifierView(
    {kind: 'pair', first: '{{question}}', labels: ['a', 'b'], label: '{{label}}'},
    labelled,
    words,
    {
      maxTokens: 9,
    },
  );
  expect(alone.examples[1].input).toEqual({ids: [2, 2, 3, 0], tokenTypes: [0, 0, 0, 0]});
});

it('multipleChoiceView gives each choice behind its context', async () => {
  const {encoder} = getTask('copa').prompts;
  if (encoder.kind !== 'choices') throw new Error('expected choices');
  const row = {
    premise: 'It rained.',
    choice1: 'The street was wet.',
    choice2: 'No.',
    question: 'effect',
    label: 1,
    idx: 0,
  };
  const view = await multipleChoiceView(encoder, [row, row], words, {maxTokens: 20});
  const context = 'It rained. What happened as a result?';
  const inputs = [words.encodePair(context, row.choice1), words.encodePair(context, row.choice2)];
  expect(view.collate(view.examples)).toEqual({inputs: [inputs, inputs], labels: [1, 1]});
  expect(view.lengthOf(view.examples[0])).toBe(2 * inputs[0].ids.length);
  const [example] = view.examples;
  expect(() => view.collate([example, {...example, input: inputs.slice(1)}])).toThrow(
    'collate: an example has 1 choices, expected 2, as the first',
  );
});

describe('spanView', () => {
  const prompt = getTask('squad2').prompts.encoder;

  it('has the windows’ answers of transformers’ recipe', async () => {
    for (const {maxTokens, stride, answers, windows} of golden.spans) {
      const row = {question: 'who sat?', context: golden.context, answers};
      const encodeWindows = (first: string, second: string, options: object) => {
        expect([first, second, options]).toEqual(['who sat?', golden.context, {maxTokens, stride}]);
        return windows;
      };
      const view = await spanView(prompt, [row], {encodeWindows}, {maxTokens, stride, unlabelled: 'no answer'});
      const wanted = windows.map(({ids, tokenTypes, start, end}) => ({ids, tokenTypes, start, end, row: 0}));
      expect(view.examples).toEqual(wanted);
      expect(view.collate(view.examples)).toEqual({
        inputs: windows.map(({ids, tokenTypes}) => ({ids, tokenTypes})),
        starts: windows.map(({start}) => start),
        ends: windows.map(({end}) => end),
      });
    }
  });

  it('holds a question without an answer for a mistake unless told otherwise', async () => {
    const rows = [
      ...parseSquad(
        'squad.json',
        JSON.parse(readFileSync(new URL('../../fixtures/data/squad.json', import.meta.url), 'utf8')),
      ),
    ];
    const encodeWindows = () => golden.spans[0].windows;
    await expect(spanView(prompt, rows, {encodeWindows}, {maxTokens: 40})).rejects.toThrow(
      'spanView: row 1: it has no answer',
    );
    const view = await spanView(prompt, rows, {encodeWindows}, {maxTokens: 40, unlabelled: 'leave out'});
    expect(view.leftOut).toEqual([{row: 1, why: 'it has no answer'}]);
    expect([...new Set(view.examples.map(({row}) => row))]).toEqual([0, 2]);
  });
});

describe('a wrong call', () => {
  // As a caller in JavaScript has them: without types.
  const js = {causalView, classifierView, encoderDecoderView, multipleChoiceView, spanView} as unknown as Record<
    string,
    (...given: unknown[]) => Promise<unknown>
  >;
  it.each<[name: string, given: unknown[], message: string]>([
    [
      'causalView',
      [encoder, [], tokenizer, {maxTokens: 9}],
      'causalView: kind of the prompt is "pair", expected one of choices, generation',
    ],
    ['causalView', [{}, [], tokenizer, {maxTokens: 9}], 'causalView: prompt is {}, expected an object with a kind'],
    ['causalView', [causal, [3], tokenizer, {maxTokens: 9}], 'causalView: rows is [3], expected an array of rows'],
    [
      'causalView',
      [causal, [], {}, {maxTokens: 9}],
      'causalView: tokenizer is {}, expected an object with encode, a function',
    ],
    ['causalView', [causal, [], tokenizer, {}], 'causalView: maxTokens is undefined, expected a whole number'],
    ['causalView', [causal, [], tokenizer, {maxTokens: 9, tooLong: 'hide'}], 'causalView: tooLong is "hide", expected'],
    [
      'causalView',
      [causal, [], tokenizer, {maxTokens: 9, shots: 2}],
      'causalView: there is no option "shots" (2), expected',
    ],
    [
      'spanView',
      [causal, [], words, {maxTokens: 9}],
      'spanView: kind of the prompt is "choices", expected one of span',
    ],
    [
      'classifierView',
      [causal, [], words, {maxTokens: 9}],
      'classifierView: kind of the prompt is "choices", expected one of pair',
    ],
    [
      'multipleChoiceView',
      [encoder, [], words, {maxTokens: 9}],
      'multipleChoiceView: kind of the prompt is "pair", expected one of choices',
    ],
    [
      'encoderDecoderView',
      [causal, [], words, {maxTokens: 9}],
      'encoderDecoderView: kind of the prompt is "choices", expected one of generation',
    ],
  ])('%s(%o) names what is wrong', async (name, given, message) => {
    await expect((async () => js[name](...given))()).rejects.toThrow(message);
  });
});
