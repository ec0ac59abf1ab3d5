import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {textData} from '../../../../test/text-data.js';
import {type DataSet, loadSplit} from '../data/data-set.js';
import {gsm8k} from '../data/gsm8k.js';
import {superGlue} from '../data/super-glue.js';
import type {SuperGlueName} from '../data/super-glue-rows.js';
import {chooseShots} from './choose-shots.js';
import {GSM8K_PROMPTS} from './gsm8k-prompts.js';
import type {ChoicePrompt, GenerationPrompt} from './prompt.js';
import {type RenderOptions, renderPrompt} from './render-prompt.js';
import {SUPER_GLUE_PROMPTS} from './super-glue-prompts.js';

/** A context, what may follow or where the answer ends, and the answer. */
type Asked = [context: string, choices: string[], answer: string | null];
/** What T5 is given and what it should say, where the harness has that as a text. */
type Input = [context: string, target: string | null] | null;
type Kind = 'zero' | 'few' | 'chat' | 'turns' | 'thought';
interface Golden<T, U> {
  shots: number;
  system: string;
  tasks: Record<string, {rows: object[]; t5: U} & Record<Kind, T>>;
}

const folder = textData();
const read = (name: string) => JSON.parse(readFileSync(new URL(`../../golden/${name}`, import.meta.url), 'utf8'));
const golden: Golden<Asked[], Input[]> = read('prompts.json');
const digests: Golden<string, string> = read('prompts-of-data.json');
const fixtures = new URL('../../fixtures/data/', import.meta.url);
const names = Object.keys(golden.tasks).filter((name) => name !== 'gsm8k') as SuperGlueName[];

/** The harness has a label of -1 where there is none. */
function withLabel(row: object): object {
  return 'answers' in row || 'label' in row ? row : {...row, label: -1};
}

async function asked(prompt: ChoicePrompt | GenerationPrompt, row: object, options: RenderOptions): Promise<Asked> {
  const request = await renderPrompt(prompt, row, options);
  if (request.kind === 'generation') return [request.context, request.until, request.targets[0] ?? null];
  const {context, choices, right} = request;
  const delimiter = options.chat ? '' : ' ';
  return [context, choices, choices[right[0]]?.slice(delimiter.length) ?? null];
}

async function input(prompt: GenerationPrompt, row: object, wanted: boolean): Promise<Input> {
  const {context, targets} = await renderPrompt(prompt, row);
  return [context, wanted ? (targets[0] ?? null) : null];
}

describe('of the fixtures, as lm-evaluation-harness', () => {
  const shotsOf = (rows: object[]) => chooseShots(rows, {shots: golden.shots, sampler: 'first'});
  const chat = (messages: object[]) => JSON.stringify(messages);
  const kinds: [Kind, (rows: object[]) => RenderOptions][] = [
    ['zero', () => ({})],
    ['few', (rows) => ({shots: shotsOf(rows)})],
    ['chat', (rows) => ({shots: shotsOf(rows), system: golden.system, chat})],
    ['turns', (rows) => ({shots: shotsOf(rows), system: golden.system, chat, shotsAsTurns: true})],
  ];

  describe.each(names)('%s', (name) => {
    const wanted = golden.tasks[name];
    const dataSet: DataSet<object> = superGlue[name];
    const load = () => loadSplit(dataSet, fixtures, 'test', {files: [`${name}.jsonl`]});

    it('reads the rows', async () => {
      expect((await load()).map(withLabel)).toEqual(wanted.rows);
    });

    it.each(kinds)('asks a causal model: %s', async (kind, options) => {
      const rows = await load();
      const {causal} = SUPER_GLUE_PROMPTS[name];
      const got = await Promise.all(rows.map((row) => asked(causal, row, options(rows))));
      expect(got).toEqual(wanted[kind]);
    });

    it('asks T5', async () => {
      const rows = await load();
      const {textToText} = SUPER_GLUE_PROMPTS[name];
      const some = rows.flatMap((row, i) => (wanted.t5[i] ? [{row, wanted: wanted.t5[i]}] : []));
      expect(some.length).toBeGreaterThan(0);
      const got = await Promise.all(some.map(({row, wanted}) => input(textToText, row, wanted[1] !== null)));
      expect(got).toEqual(some.map(({wanted}) => wanted));
    });
  });

  it.each<[Kind, GenerationPrompt]>([
    ['zero', GSM8K_PROMPTS.causal],
    ['few', GSM8K_PROMPTS.causal],
    ['thought', GSM8K_PROMPTS.chainOfThought],
  ])('gsm8k: %s', async (kind, prompt) => {
    const rows = await loadSplit(gsm8k, fixtures, 'test', {files: ['gsm8k.jsonl']});
    const options = kind === 'few' ? {shots: shotsOf(rows)} : {};
    expect(await Promise.all(rows.map((row) => asked(prompt, row, options)))).toEqual(golden.tasks.gsm8k[kind]);
  });
});

/** Eight digits of a hash for each row. */
function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);
}

/** The rows, by number, of which the digests differ. */
function different(got: string[], wanted: string): number[] {
  expect(wanted).toHaveLength(got.length * 8);
  return [...got.keys()].filter((i) => got[i] !== wanted.slice(i * 8, i * 8 + 8) && wanted[i * 8] !== '-');
}

describe.runIf(folder)('of all rows of the real data, as lm-evaluation-harness', () => {
  const paths: Record<string, string> = {boolq: 'BoolQ', cb: 'CB', copa: 'COPA', multirc: 'MultiRC', record: 'ReCoRD'};

  it.each(names)('%s', async (name) => {
    const place = `${folder}/superglue/${paths[name] ?? {rte: 'RTE', wic: 'WiC', wsc: 'WSC'}[String(name)]}`;
    const dataSet: DataSet<object> = superGlue[name];
    const shots = await loadSplit(dataSet, place, 'train', {limit: digests.shots});
    const rows = await loadSplit(dataSet, place, name === 'record' ? 'dev32' : 'validation');
    const {causal, textToText} = SUPER_GLUE_PROMPTS[name];
    const {zero, few, t5} = digests.tasks[name];
    const hasTarget = golden.tasks[name].t5.some((wanted) => wanted?.[1]);
    const got = {zero: [] as string[], few: [] as string[], t5: [] as string[]};
    for (const row of rows) {
      got.zero.push(digest(await asked(causal, row, {})));
      got.few.push(digest(await asked(causal, row, {shots})));
      got.t5.push(digest(await input(textToText, row, hasTarget)));
    }
    expect(different(got.zero, zero)).toEqual([]);
    expect(different(got.few, few)).toEqual([]);
    expect(different(got.t5, t5)).toEqual([]);
  });

  it.each<[Kind, GenerationPrompt]>([
    ['zero', GSM8K_PROMPTS.causal],
    ['few', GSM8K_PROMPTS.causal],
    ['thought', GSM8K_PROMPTS.chainOfThought],
  ])('gsm8k: %s', async (kind, prompt) => {
    const shots = kind === 'few' ? await loadSplit(gsm8k, `${folder}/gsm8k`, 'train', {limit: digests.shots}) : [];
    const rows = await loadSplit(gsm8k, `${folder}/gsm8k`, 'test');
    const got: string[] = [];
    for (const row of rows) got.push(digest(await asked(prompt, row, {shots})));
    expect(different(got, digests.tasks.gsm8k[kind])).toEqual([]);
  });
});
