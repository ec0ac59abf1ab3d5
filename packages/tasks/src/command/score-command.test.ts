import {mkdtempSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it, vi} from 'vitest';
import * as tasks from '../index.js';
import type {Report} from './evaluate.js';
import {CommandError, MAX_BYTES} from './files.js';
import {COMMAND_METRICS} from './metrics.js';
import {HELP, scoreCommand} from './score-command.js';

const folder = mkdtempSync(join(tmpdir(), 'score-'));
afterAll(() => rmSync(folder, {recursive: true}));

function file(name: string, ...lines: unknown[]): string {
  const path = join(folder, name);
  const text = lines.map((line) =>
    typeof line === 'string' && !name.endsWith('.jsonl') ? line : JSON.stringify(line),
  );
  writeFileSync(path, `${text.join('\n')}\n`);
  return path;
}
const json = (...args: string[]): Report => JSON.parse(scoreCommand([...args, '--json', '--samples', '100']));

const fixture = (name: string) => new URL(`../../fixtures/score/${name}`, import.meta.url).pathname;
const texts = ['--predictions', fixture('before.txt'), '--references', fixture('references.txt')];
const before = ['The cat sits on a mat.', 'It rains.', 'Where do you live?'];
const right = [['The cat sat on the mat.'], ['It rains.'], ['Where do you live now?']];

const squadFile = file('squad.json', {
  version: 'v2.0',
  data: [
    {
      paragraphs: [
        {
          context: 'Gustave Eiffel built the tower in 1889.',
          qas: [
            {
              id: 'a',
              question: 'When?',
              answers: [
                {text: 'in 1889', answer_start: 31},
                {text: '1889', answer_start: 34},
              ],
            },
            {id: 'b', question: 'How high?', answers: []},
          ],
        },
      ],
    },
  ],
});

describe('npm run score', () => {
  it.each(['bleu', 'chrf', 'ter', 'exact-match'] as const)('scores texts by %s', (name) => {
    const metric = {bleu: tasks.bleu(), chrf: tasks.chrf(), ter: tasks.ter(), 'exact-match': tasks.exactMatch()}[name];
    const report = json('--metric', name, ...texts);
    const {value, details} = tasks.score(metric, before, right);
    expect(report).toMatchObject({name: metric.name, value, details, rows: 3});
    expect(report.signature).toMatch(/^nrefs:1\|bs:100\|seed:12345\|/);
    expect(report.interval).toEqual(tasks.bootstrap(metric, tasks.statisticsOf(metric, before, right), {samples: 100}));
  });

  it('takes options and several references', () => {
    const more = file('more.jsonl', ['The cat sits on a mat.', 'x'], 'It rains!', []);
    const report = json(
      '--metric',
      'chrf',
      ...texts,
      '--references',
      more,
      '--option',
      'wordOrder=2',
      '--option',
      'lowercase=true',
    );
    const all = right.map((list, i) => [...list, ...[['The cat sits on a mat.', 'x'], ['It rains!'], []][i]]);
    expect(report.value).toBe(tasks.score(tasks.chrf({wordOrder: 2, lowercase: true}), before, all).value);
    expect(report.signature).toContain('nrefs:var|bs:100|seed:12345|case:lc|eff:yes|nc:6|nw:2|space:no|');
  });

  it('compares two systems', () => {
    const compare = ['--compare', fixture('after.txt'), '--seed', '7'];
    for (const test of ['bootstrap', 'randomization']) {
      const {comparison} = json('--metric', 'bleu', ...texts, ...compare, '--test', test);
      const after = ['The cat sat on the mat.', 'It is raining.', 'Where do you live?'];
      const [a, b] = [before, after].map((said) => tasks.statisticsOf(tasks.bleu(), said, right));
      const paired = test === 'bootstrap' ? tasks.pairedBootstrap : tasks.approximateRandomization;
      expect(comparison).toMatchObject({test, ...paired(tasks.bleu(), a, b, {samples: 100, seed: 7})});
    }
  });

  it('prints lines for people', () => {
    const printed = scoreCommand(['--metric', 'ter', ...texts, '--compare', fixture('after.txt')]);
    expect(printed).toMatch(
      /^TER = 30.7692 \(μ = [\d.]+ ± [\d.]+; 95 % from [\d.]+ to [\d.]+\)\nnrefs:1\|bs:1000\|seed:12345\|case:lc\|/,
    );
    expect(printed).toMatch(/ {2}edits: 4\n {2}referenceLength: 13\n.*p = [\d.]+ by paired bootstrap, 1000 samples$/);
    expect(scoreCommand(['--help'])).toBe(HELP);
  });

  it("reads SQuAD's files", () => {
    const said = file('answers.json', {a: 'the 1889', b: ''});
    const sure = file('na.json', {a: 0.9, b: 0.2});
    const [one, two] = [
      ['--predictions', said],
      ['--references', squadFile],
    ].map((pair) => pair);
    expect(json('--metric', 'squad2', ...one, ...two).details).toMatchObject({
      exact: 100,
      hasAnsTotal: 1,
      noAnsF1: 100,
    });
    const cut = json('--metric', 'squad2', ...one, ...two, '--no-answer', sure, '--option', 'noAnswerThreshold=0.5');
    expect(cut.details).toMatchObject({exact: 50, hasAnsExact: 0});
    const answerable = file('one.json', {data: [{paragraphs: [{qas: [{id: 'a', answers: [{text: '1889'}]}]}]}]});
    expect(json('--metric', 'squad', ...one, '--references', answerable).value).toBe(100);
  });

  it("reads GSM8K's files", () => {
    const references = file(
      'gsm8k.jsonl',
      {question: '?', answer: '9+9\n#### 18'},
      {question: '?', answer: '#### 1,018'},
    );
    const said = file('said.jsonl', 'It is 18.', 'She has\n#### 1018');
    const given = ['--metric', 'gsm8k', '--predictions', said, '--references', references];
    expect(json(...given).value).toBe(0.5);
    expect(json(...given, '--option', 'extraction=flexible').value).toBe(1);
  });

  it("reads SuperGLUE's files", () => {
    const gold = file('gold.jsonl', {idx: 0, label: 1}, {idx: 1, label: 0}, {idx: 2, label: 1}, {idx: 3, label: 1});
    const said = file('labels.txt', '1', '1', '1', '0');
    const given = ['--predictions', said, '--references', gold];
    expect(json('--metric', 'accuracy', ...given).value).toBe(0.5);
    expect(json('--metric', 'f1', ...given).value).toBe(2 / 3);
    expect(json('--metric', 'f1', ...given, '--option', 'positive=0').value).toBe(0);
    expect(json('--metric', 'macro-f1', ...given, '--option', 'labels=[0,1]').value).toBe(1 / 3);
    expect(json('--metric', 'matthews', ...given, '--option', 'labels=[0,1]').value).toBeCloseTo(-1 / 3, 12);
    expect(json('--metric', 'gender-parity', ...given)).toMatchObject({value: 0.5, details: {accuracy: 0.5}});

    const booleans = file('booleans.jsonl', {label: true}, {label: true}, {label: false});
    const perfect = ['--predictions', booleans, '--references', booleans];
    expect(json('--metric', 'f1', ...perfect).value).toBe(1);
    expect(json('--metric', 'f1', ...perfect, '--option', 'positive=true').value).toBe(1);
    expect(json('--metric', 'f1', ...given).signature).toBe(
      tasks.signatureOf(tasks.binaryF1(), [], {bs: 100, seed: 12345}),
    );
    const digits = ['--predictions', file('digits.txt', '1', '0', '0'), '--references', booleans];
    expect(json('--metric', 'f1', ...digits).value).toBe(2 / 3);

    const rows = [
      {pair_id: 7, label: 'a'},
      {pair_id: 8, label: 'a'},
      {pair_id: 7, label: 'a'},
      {pair_id: 8, label: 'b'},
    ];
    const apart = file('apart.jsonl', ...rows);
    const parity = (said: string) => json('--metric', 'gender-parity', '--predictions', said, '--references', apart);
    expect(parity(file('alike.txt', 'a', 'b', 'a', 'b'))).toMatchObject({value: 1, details: {accuracy: 0.75}});

    const passage = (...labels: number[][]) => ({
      passage: {questions: labels.map((marks) => ({answers: marks.map((label) => ({label}))}))},
    });
    const multirc = ['--metric', 'multirc', '--references', file('multirc.jsonl', passage([1, 0, 0], [0, 1]))];
    expect(json(...multirc, '--predictions', file('marks.jsonl', passage([1, 0, 1], [0, 1]))).details).toMatchObject({
      f1a: 0.8,
      exact: 0.5,
    });

    const record = file('record.jsonl', {
      qas: [
        {idx: 5, answers: [{text: 'Chelsea'}]},
        {idx: 6, answers: [{text: 'Diego Costa'}]},
      ],
    });
    const entities = file('entities.jsonl', {idx: 6, label: 'Costa'}, {idx: 5, label: 'chelsea'});
    expect(json('--metric', 'record', '--references', record, '--predictions', entities).value).toBeCloseTo(
      (1 + 2 / 3) / 2,
      12,
    );
  });
});

describe('a wrong call', () => {
  const short = file('short.txt', 'a');
  const broken = join(folder, 'broken.jsonl');
  writeFileSync(broken, '"a"\n{"b\n');
  const object = file('object.jsonl', {text: 'a'});
  const empty = file('empty.json', {});
  const latin = join(folder, 'latin.txt');
  writeFileSync(latin, new Uint8Array([0x47, 0xe4, 0x0a]));
  const huge = join(folder, 'huge.txt');
  writeFileSync(huge, '');
  truncateSync(huge, MAX_BYTES + 1);
  const triple = file('triple.jsonl', ...[0, 1, 2].map((label) => ({pair_id: 1, label})));
  const marks = (idx: number, ...answers: number[]) => ({
    idx,
    passage: {questions: [{idx, answers: answers.map((answer) => ({idx: answer, label: 1}))}]},
  });
  const passages = file('passages.jsonl', marks(0, 0, 1), marks(1, 2, 3));
  const swapped = file('swapped.jsonl', marks(1, 2, 3), marks(0, 0, 1));
  const other = file('other.jsonl', marks(0, 5, 1), marks(1, 2, 3));
  const fewer = file('fewer.jsonl', marks(0, 0), marks(1, 2, 3));
  const queries = file('queries.jsonl', {qas: [{idx: 5, answers: [{text: 'Chelsea'}]}]});
  const twice = file('twice.jsonl', {idx: 5, label: 'Chelsea'}, {idx: 5, label: 'Diego'});
  const unknown = file('unknown.jsonl', {idx: 5, label: 'Chelsea'}, {idx: 6, label: 'Diego'});
  it.each<[args: string[], message: string]>([
    [['--metric', 'blue', ...texts], "--metric is 'blue'; expected bleu, chrf,"],
    [['--metric', 'bleu', '--predictions', short], 'expected --predictions FILE and --references FILE'],
    [['--metric', 'bleu', ...texts, '--compare', short], `${short}: got 1 rows, expected 3, as in`],
    [['--metric', 'bleu', ...texts, '--references', short], `${short}: got 1 rows, expected 3`],
    [['--metric', 'bleu', '--predictions', short, '--references', `${folder}/none`], `${folder}/none: ENOENT`],
    [['--metric', 'bleu', '--predictions', short, '--references', broken], `${broken}:2: `],
    [
      ['--metric', 'bleu', '--predictions', object, '--references', short],
      `${object}:1: got {"text":"a"}, expected a string`,
    ],
    [['--metric', 'bleu', ...texts, '--option', 'tokenizer=zh'], 'bleu: tokenizer is "zh", expected one of'],
    [['--metric', 'accuracy', ...texts, '--option', 'a=1'], 'there is no option "a"'],
    [['--metric', 'matthews', ...texts], 'this metric needs all labels'],
    [
      ['--metric', 'matthews', ...texts, '--option', 'labels=["a","b"]'],
      'row 0: the prediction is "The cat sits on a mat."',
    ],
    [['--metric', 'bleu', ...texts, '--option', 'tokenizer'], "--option is 'tokenizer'; expected NAME=VALUE"],
    [['--metric', 'bleu', ...texts, '--test', 't'], "--test is 't'; expected bootstrap or randomization"],
    [['--metric', 'bleu', ...texts, '--seed', '-1'], "'--seed' argument is ambiguous"],
    [
      ['--metric', 'bleu', ...texts, '--seed', '4294967296'],
      'seed is 4294967296, expected a whole number from 0 to 4294967295',
    ],
    [['--metric', 'bleu', ...texts, '--no-answer', empty], '--no-answer is for squad2 alone'],
    [
      ['--metric', 'squad2', '--predictions', empty, '--references', squadFile],
      `${empty}: there is nothing for "a", expected one`,
    ],
    [
      ['--metric', 'squad', '--predictions', empty, '--references', empty],
      `${empty}: got {}, expected an object with data`,
    ],
    [
      ['--metric', 'squad', '--predictions', empty, '--references', squadFile, '--references', empty],
      'got 2 files, expected one',
    ],
    [
      ['--metric', 'f1', '--predictions', short, '--references', short],
      'F1: row 0: the prediction is "a", expected a number, true or false, as the positive label 1',
    ],
    [['--metric', 'bleu', '--predictions', latin, '--references', short], `${latin} is no UTF-8`],
    [
      ['--metric', 'bleu', '--predictions', huge, '--references', short],
      `${huge} has 268435457 bytes, expected at most 268435456`,
    ],
    [
      ['--metric', 'gender-parity', '--predictions', short, '--references', short],
      `${short}:1: got 1 rows, expected pairs of rows that follow one another`,
    ],
    [
      ['--metric', 'gender-parity', '--predictions', triple, '--references', triple],
      `${triple}:1: got 3 rows of pair_id 1, expected two`,
    ],
    [
      ['--metric', 'multirc', '--predictions', swapped, '--references', passages],
      `${swapped}:1: idx is 1, expected 0, as at ${passages}:1`,
    ],
    [
      ['--metric', 'multirc', '--predictions', other, '--references', passages],
      `${other}:1: passage: questions[0]: answers[0]: idx is 5, expected 0, as at ${passages}:1`,
    ],
    [
      ['--metric', 'multirc', '--predictions', fewer, '--references', passages],
      `${fewer}:1: passage: questions[0]: got 1 answers, expected 2, as at ${passages}:1`,
    ],
    [
      ['--metric', 'record', '--predictions', twice, '--references', queries],
      `${twice}:2: idx is 5, which is at ${twice}:1 already`,
    ],
    [
      ['--metric', 'record', '--predictions', unknown, '--references', queries],
      `${unknown}:2: idx is 6, expected one of those in ${queries}`,
    ],
    [['--sed', '1'], "Unknown option '--sed'"],
  ])('%o', (args, message) => {
    expect(() => scoreCommand(args)).toThrow(CommandError);
    expect(() => scoreCommand(args)).toThrow(message);
  });
});

it('leaves a mistake of ours as it is, with its stack', () => {
  const mistake = new TypeError('undefined is not a function');
  const bleu = vi.spyOn(COMMAND_METRICS, 'bleu').mockImplementation(() => {
    throw mistake;
  });
  expect(() => scoreCommand(['--metric', 'bleu', ...texts])).toThrow(mistake);
  bleu.mockRestore();
});
