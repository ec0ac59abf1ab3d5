import {describe, expect, it} from 'vitest';
import type {ChoicePrompt, GenerationPrompt, Prompt, SpanPrompt} from './prompt.js';
import {renderPrompt} from './render-prompt.js';

const choices: ChoicePrompt = {
  kind: 'choices',
  context: '{{a}}?',
  choices: ['no', '{{b}}'],
  right: '{{ label if label is defined }}',
};
const each: ChoicePrompt = {
  kind: 'choices',
  context: '{{a}}',
  choices: {each: 'of', text: '<{{item.name}}>'},
  right: '{{ item.good }}',
};
const generation: GenerationPrompt = {kind: 'generation', context: 'Q {{a}}', targets: ['{{b}}'], until: ['\n']};
const span: SpanPrompt = {kind: 'span', question: '{{a}}', context: '{{b}}'};
const row = {a: 'x', b: 'y', label: 1};

it('joins the parts as the prompt says', async () => {
  expect(await renderPrompt(choices, row)).toEqual({
    ...{kind: 'choices', context: 'x?', choices: [' no', ' y'], names: ['no', 'y'], right: [1]},
  });
  const shots = [
    {a: 's', b: 't', label: 0},
    {a: 'u', b: 'v', label: 1},
  ];
  const told = {...choices, delimiter: '=', shotDelimiter: ';'};
  expect((await renderPrompt(told, row, {shots})).context).toBe('s?=no;u?=v;x?');
  expect((await renderPrompt(generation, row, {shots, system: 'S. '})).context).toBe('S. Q s t\n\nQ u v\n\nQ x');
});

it('gives no right choice where a row has no label', async () => {
  expect((await renderPrompt(choices, {a: 'x', b: 'y'})).right).toEqual([]);
  expect((await renderPrompt({...generation, targets: ['{{b if b is defined}}']}, {a: 'x'})).targets).toEqual([]);
});

it('makes a choice of each entry', async () => {
  const of = [
    {name: 'a', good: true},
    {name: 'b', good: false},
    {name: 'c', good: true},
  ];
  const {choices, right} = await renderPrompt(each, {a: '', of});
  expect(choices).toEqual([' <a>', ' <b>', ' <c>']);
  expect(right).toEqual([0, 2]);
  const targets = {each: 'of', text: '{{item}}', none: 'nothing'};
  expect((await renderPrompt({...generation, targets}, {a: '', of: []})).targets).toEqual(['nothing']);
  expect((await renderPrompt({...generation, targets}, {a: '', of: ['p', 'q']})).targets).toEqual(['p', 'q']);
});

it('writes a chat, in one message or in turns', async () => {
  const shots = [{a: 's', b: 't', label: 0}];
  const chat = async (messages: object[]) => JSON.stringify(messages);
  const one = await renderPrompt(choices, row, {shots, chat});
  expect(JSON.parse(one.context)).toEqual([{role: 'user', content: 's? no\n\nx?'}]);
  expect(one.choices).toEqual(['no', 'y']);
  const turns = await renderPrompt(generation, row, {shots, chat, system: 'S', shotsAsTurns: true});
  expect(JSON.parse(turns.context)).toEqual([
    {role: 'system', content: 'S'},
    {role: 'user', content: 'Q s'},
    {role: 'assistant', content: 't'},
    {role: 'user', content: 'Q x'},
  ]);
});

it('knows range, as Jinja does', async () => {
  const context =
    '{% for i in range(2) %}{{ i }}{% endfor %} {{ range(3, 1, -1) | join(",") }} {{ range(2, 4) | length }}';
  expect((await renderPrompt({...generation, context}, row)).context).toBe('01 3,2 2');
});

it('keeps line ends of templates', async () => {
  const {context} = await renderPrompt({...generation, context: 'a\n\n{{a}}\n'}, row);
  expect(context).toBe('a\n\nx\n');
});

describe('refuses', () => {
  it.each<[string, Prompt, object, object, string]>([
    [
      'a field that is not there',
      {...generation, context: '{{c}}'},
      row,
      {},
      'the template "{{c}}" failed: there is no "c"; it knows a, b, label',
    ],
    ['one in a field', {...generation, context: '{{a.c}}'}, row, {}, 'there is no "c" in it'],
    ['a template that is none', {...generation, context: '{{a'}, row, {}, 'the template "{{a" failed'],
    ['a label that is none', choices, {...row, label: 2}, {}, 'expected a number from 0 to 1, or nothing'],
    ['entries that are none', each, row, {}, "the row's of is undefined, expected an array"],
    [
      'a shot without a label',
      choices,
      row,
      {shots: [{a: '', b: ''}]},
      'shot 0 is {"a":"","b":""}, expected a row with a label',
    ],
    [
      'shots beside those of the prompt',
      {...generation, shots: []},
      row,
      {shots: [row]},
      'shots are 1 rows, expected none',
    ],
    [
      'an answer that is elsewhere',
      span,
      {...row, answers: [{text: 'z', answer_start: 0}]},
      {},
      'the answer "z" does not stand in the context at 0',
    ],
    ...[-1, 0.5, 1e9].map((start): [string, Prompt, object, object, string] => [
      `an answer at ${start}`,
      span,
      {...row, answers: [{text: 'y', answer_start: start}]},
      {},
      'expected {text, answer_start}, a whole number from 0 to 1',
    ]),
    ...['{{ a | regex_replace("x", "y") }}', '{{ a.find("x") }}', '{{ "%s" % a }}', '{% include "a" %}'].map(
      (context): [string, Prompt, object, object, string] => [
        `what the library lacks: ${context}`,
        {...generation, context},
        row,
        {},
        `the template ${JSON.stringify(context)} failed: `,
      ],
    ),
    ['a range without end', {...generation, context: '{{ range(2000000) }}'}, row, {}, 'at most 1000000 entries'],
    ['a range of parts', {...generation, context: '{{ range(0, 1, 0.1) }}'}, row, {}, 'expected whole numbers'],
    ['a row that is none', choices, [], {}, 'renderPrompt: row is [], expected an object'],
    ['an option that is none', choices, row, {shot: 1}, 'renderPrompt: there is no option "shot" (1)'],
  ])('%s', async (_, prompt, row, options, message) => {
    await expect(renderPrompt(prompt, row, options)).rejects.toThrow(message);
  });
});
