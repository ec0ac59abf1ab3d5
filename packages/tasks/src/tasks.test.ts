import {describe, expect, it} from 'vitest';
import {jsonLines, loadSplit} from './data/data-set.js';
import {makeMetric} from './metrics/make-metric.js';
import {score} from './metrics/score.js';
import {squad2} from './metrics/squad2.js';
import type {Prompt} from './prompts/prompt.js';
import {renderPrompt} from './prompts/render-prompt.js';
import {loadRenderer} from './prompts/template.js';
import type {Task} from './task.js';
import {addTask, getTask, listTasks} from './tasks.js';

const fixtures = new URL('../fixtures/data/', import.meta.url);
/** The rows of each task that were written for its tests. */
const FILES: Record<string, string[]> = {
  ...{squad: ['squad.json'], squad2: ['squad.json'], xquad: ['squad.json']},
  ...{tatoeba: ['pairs.tsv'], multi30k: ['pairs.en', 'pairs.de']},
};

const own: Task<{text: string; label?: number}> = {
  name: 'own',
  description: 'whether a text asks',
  dataSet: jsonLines('own', {train: ['train.jsonl']}, (_, value) => value as {text: string; label?: number}),
  splits: {train: 'train', evaluation: 'train'},
  prompts: {
    causal: {kind: 'choices', context: '{{text}} Question?', choices: ['no', 'yes'], right: '{{label}}'},
  },
  metrics: [{name: 'accuracy'}],
};

describe('every task', () => {
  const names = listTasks();

  it('is listed in order', () => {
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(['axb', 'axg', 'boolq', 'cb', 'copa', 'gsm8k', 'multirc', 'record']));
    expect(names).toEqual(
      expect.arrayContaining(['rte', 'squad', 'squad2', 'tatoeba', 'wic', 'wsc', 'xquad', 'multi30k']),
    );
  });

  it.each(names)('%s: its prompts are data, and every one renders of every row', async (name) => {
    const {dataSet, splits, prompts, labels, metrics} = getTask(name);
    const rows = await loadSplit(dataSet, fixtures, splits.evaluation, {files: FILES[name] ?? [`${name}.jsonl`]});
    expect(rows.length).toBeGreaterThan(0);
    expect(Object.keys(prompts)).toEqual(expect.arrayContaining(['textToText']));
    const render = await loadRenderer();
    for (const prompt of Object.values(JSON.parse(JSON.stringify(prompts)) as Record<string, Prompt>)) {
      for (const row of rows) {
        const request = await renderPrompt(prompt, row);
        const number = 'label' in row ? Number(row.label) : undefined;
        if (request.kind === 'choices') {
          expect(request.choices).toHaveLength(request.names.length);
          if (number !== undefined) expect(request.right).toEqual([number]);
          if ('answers' in row) expect(request.right.map((i) => request.names[i])).toEqual(row.answers);
        }
        if (request.kind === 'pair') expect(request.label).toEqual(number);
        if (request.kind === 'generation' && labels && number !== undefined && name !== 'wsc') {
          expect(request.targets).toEqual([labels[number]]);
        }
        if (request.kind === 'span') {
          for (const {text, start, end} of request.answers) expect(request.context.slice(start, end)).toBe(text);
        }
      }
    }
    for (const {groupBy} of metrics) if (groupBy) expect(render(groupBy, rows[0])).toMatch(/\d/);
  });

  it.each(names)('%s: its metrics are those that there are, with options that they take', (name) => {
    for (const {name: metric, options = {}} of getTask(name).metrics) {
      expect(makeMetric(metric, options).size).toBeGreaterThan(0);
    }
  });

  it('squad2: what its prompts teach to say without an answer is right to its metrics', async () => {
    const {dataSet, prompts, metrics} = getTask('squad2');
    const rows = await loadSplit(dataSet, fixtures, 'validation', {files: ['squad.json']});
    const row = rows.find(({answers}) => answers.length === 0);
    for (const prompt of [prompts.causal, prompts.textToText]) {
      const {targets} = await renderPrompt(prompt, Object(row));
      expect(targets).toHaveLength(1);
      for (const {options} of metrics) expect(score(squad2(options), [{text: targets[0]}], [[]]).value).toBe(100);
    }
  });

  it('wsc: T5 has a target where the noun phrase is the right one, and else none', async () => {
    const {dataSet, prompts} = getTask('wsc');
    const [first, second] = await loadSplit(dataSet, fixtures, 'test', {files: ['wsc.jsonl']});
    const targetsOf = async (row: object) => (await renderPrompt(prompts.textToText, row)).targets;
    expect([first.label, second.label]).toEqual([1, 0]);
    expect(await targetsOf(first)).toEqual(['The cup']);
    expect(await targetsOf(second)).toEqual([]);
    const {label, ...unlabelled} = first;
    expect(await targetsOf(unlabelled)).toEqual([]);
  });

  it('marks the pronoun of every row of wsc', async () => {
    const rows = await loadSplit(getTask('wsc').dataSet, fixtures, 'test', {files: ['wsc.jsonl']});
    const {textToText} = getTask('wsc').prompts;
    const contexts = await Promise.all(rows.map(async (row) => (await renderPrompt(textToText, row)).context));
    expect(contexts[0]).toBe('wsc: The cup would not fit on the shelf because *it* was too wide .');
  });

  it('answers in code points stand where JavaScript finds them', async () => {
    const rows = await loadSplit(getTask('squad2').dataSet, fixtures, 'validation', {files: ['squad.json']});
    const {answers, context} = await renderPrompt(getTask('squad2').prompts.encoder, rows[0]);
    expect(answers).toEqual([
      {text: '1802', start: 43, end: 47},
      {text: 'in 1802', start: 40, end: 47},
    ]);
    expect(context.slice(43, 47)).toBe('1802');
  });
});

describe('a task of one’s own', () => {
  it('is added, found and refused twice', async () => {
    addTask(own);
    expect(listTasks()).toContain('own');
    expect(getTask('own')).toBe(own);
    expect(() => addTask(own)).toThrow('addTask: there is a task "own" already');
    expect(() => addTask({...own, name: 'boolq'})).toThrow('addTask: there is a task "boolq" already');
  });

  it.each<[object, string]>([
    [{name: 7}, 'addTask: name is 7, expected a string'],
    [{metrics: 'accuracy'}, 'addTask: metrics is "accuracy", expected an array'],
    [{metrics: [{name: 'acuracy'}]}, 'addTask: metrics[0]: there is no metric "acuracy", expected one of bleu, chrf'],
    [{metrics: [{name: 'toString'}]}, 'addTask: metrics[0]: there is no metric "toString"'],
    [{metrics: ['accuracy']}, 'addTask: metrics[0]: the options are "accuracy", expected an object with name, options'],
    [
      {metrics: [{name: 'accuracy'}, {name: 'squad', options: {value: 'em'}}]},
      'addTask: metrics[1]: squad: value is "em", expected one of f1, exact',
    ],
    [{metrics: [{name: 'accuracy', options: {k: 1}}]}, 'addTask: metrics[0]: accuracy: there is no option "k"'],
    [{metrics: [{name: 'matthews'}]}, 'addTask: metrics[0]: matthews: labels is undefined, expected an array'],
    [{metrics: [{name: 'accuracy', groupBy: 1}]}, 'addTask: metrics[0]: groupBy is 1, expected a string'],
    [{metric: []}, 'addTask: there is no option "metric" ([])'],
    [{splits: {evaluation: 'dev'}}, 'addTask: own has no split "dev", expected one of train'],
    [{splits: {train: 'train'}}, 'addTask: splits: evaluation is undefined, expected a string'],
    [
      {prompts: {causal: {kind: 'choice'}}},
      'addTask: prompts.causal: prompt is {"kind":"choice"}, expected an object with a kind',
    ],
    [
      {prompts: {causal: {...own.prompts.causal, rihgt: ''}}},
      'addTask: prompts.causal: prompt: there is no option "rihgt" (""), expected kind, context, choices, right',
    ],
  ])('%o is refused', (change, message) => {
    expect(() => addTask({...own, name: 'other', ...change} as Task)).toThrow(message);
  });

  it('refuses a name that is none', () => {
    expect(() => getTask('bool')).toThrow('getTask: there is no task "bool", expected one of axb, axg, boolq');
    expect(() => getTask('toString')).toThrow('there is no task "toString"');
  });
});
