import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {evaluate, getTask} from '../index.js';
import type {EvaluateOptions} from './evaluate-options.js';
import type {ChoosingModel, Classifying, EvaluatedModel, GeneratingModel} from './evaluated-model.js';

/** A small language model: how often a character follows another one in a text, with one added to each count. */
function bigrams(text: string): ChoosingModel & GeneratingModel {
  const characters = [...new Set(text)];
  const tokenizer = {
    encode: (given: string) => [...given].map((character) => characters.indexOf(character) + 1),
    decode: (ids: readonly number[]) => ids.map((id) => characters[id - 1] ?? '?').join(''),
  };
  const size = characters.length + 1;
  const counts = Array.from({length: size}, () => new Array<number>(size).fill(1));
  tokenizer.encode(text).forEach((id, i, ids) => {
    if (i > 0) counts[ids[i - 1]][id]++;
  });
  const likely = (before: number) => counts[before].map((n) => n / counts[before].reduce((a, b) => a + b, 0));
  const best = (before: number) => likely(before).indexOf(Math.max(...likely(before)));
  return {
    ...{id: 'test/bigrams', tokenizer, config: {maxPositions: 2000, eosTokenIds: [0]}},
    async logProbabilities(rows) {
      return rows.map(([context, continuation]) => {
        const all = [...context, ...continuation];
        const places = continuation.map((_, i) => context.length + i);
        return {
          sum: places.reduce((sum, at) => sum + Math.log(likely(all[at - 1])[all[at]]), 0),
          isGreedy: places.every((at) => best(all[at - 1]) === all[at]),
        };
      });
    },
    async generate(prompts, {maxTokens, stopTexts}) {
      return prompts.map((prompt) => {
        const ids = tokenizer.encode(prompt);
        const made: number[] = [];
        while (made.length < maxTokens) made.push(best(made.at(-1) ?? ids.at(-1) ?? 0));
        const said = tokenizer.decode(made);
        return stopTexts.reduce((text, stop) => text.split(stop)[0], said);
      });
    },
  };
}

const model = bigrams(
  'The quick yes fox said: no, yes, no. True or False? Question: Answer: yes True no False 1 2 3 4.\n'.repeat(3),
);
const fixtures = new URL('../../fixtures/data/', import.meta.url);

/** A data set whose split is this text, whatever file is asked for. */
const textAs = (text: string) => async () => new TextEncoder().encode(text);
const linesAs = (rows: readonly object[]) => textAs(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
/** The fixture of a task, its rows with labels. */
async function fixture(name: string) {
  const lines = (await readFile(new URL(`${name}.jsonl`, fixtures), 'utf8')).split('\n').filter(Boolean);
  const labelled = lines.filter((line) => 'label' in JSON.parse(line) || ['record', 'multirc', 'gsm8k'].includes(name));
  return textAs(labelled.join('\n'));
}
/** The last rows of MultiRC's fixture have no labels. */
const labelled = (name: string) => (name === 'multirc' ? {limit: 5} : {});
/** What is written, by the end of the file's name. */
function recorder() {
  const files = new Map<string, string>();
  return {
    files,
    output: (file: string, text: string) => void files.set(file, (files.get(file) ?? '') + text),
    text: (end: string) => [...files].find(([file]) => file.endsWith(end))?.[1] ?? '',
  };
}

const sentence = fc.stringMatching(/^[A-Za-z ,.?é🙂]{1,40}$/u);
const boolqRows = fc.array(fc.record({question: sentence, passage: sentence, idx: fc.nat(1000), label: fc.boolean()}), {
  minLength: 1,
  maxLength: 12,
});
const valuesOf = async (rows: readonly object[], options: Partial<EvaluateOptions> = {}) =>
  (await evaluate(model, 'boolq', {data: linesAs(rows), ...options})).scores;

describe('whatever the rows are', () => {
  it('scores stay in range, and neither order nor batches change them', async () => {
    await fc.assert(
      fc.asyncProperty(boolqRows, fc.integer({min: 1, max: 5}), async (rows, batchSize) => {
        const scores = await valuesOf(rows);
        for (const {value, standardError} of scores) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
          expect(standardError === undefined).toBe(rows.length === 1);
        }
        const other = await valuesOf([...rows].reverse(), {batchSize});
        for (const [i, {value, standardError}] of scores.entries()) {
          expect(other[i].value).toBeCloseTo(value, 12);
          expect(other[i].standardError ?? 0).toBeCloseTo(standardError ?? 0, 12);
        }
      }),
      {numRuns: 40, seed: 1},
    );
  });

  it('what is always right scores 100 %, what never is 0', async () => {
    await fc.assert(
      fc.asyncProperty(boolqRows, fc.boolean(), async (rows, isRight) => {
        const knowing: Classifying = {
          ...{id: 'knowing', labels: ['False', 'True']},
          predict: async (texts) =>
            texts.map((text) => {
              const row = rows.find(({question, passage}) => question === text[0] && passage === text[1]);
              return {scores: Number(row?.label) === Number(isRight) ? [0, 1] : [1, 0]};
            }),
        };
        const unlike = [...new Map(rows.map((row) => [`${row.question}\n${row.passage}`, row])).values()];
        const {scores} = await evaluate(knowing, 'boolq', {data: linesAs(unlike)});
        expect(scores.map(({metric, value}) => [metric, value])).toEqual([['acc', isRight ? 1 : 0]]);
      }),
      {numRuns: 20, seed: 2},
    );
  });
});

describe('of the fixtures', () => {
  it.each(['boolq', 'cb', 'copa', 'multirc', 'record', 'rte', 'wic', 'wsc'])('%s has its scores', async (name) => {
    const {scores, samples} = await evaluate(model, name, {data: await fixture(name), ...labelled(name)});
    const known = new Set(scores.map(({metric}) => metric));
    const own = {cb: ['f1'], multirc: ['f1a', 'exact'], record: ['f1', 'em']}[name] ?? [];
    expect([...known]).toEqual(['acc', 'acc_norm', 'acc_bytes', ...own]);
    // By hand, of what the samples have.
    const right = samples.map(({target, resps, doc}) => {
      const sums = (resps as [[string, string]][]).map(([[sum]]) => Number(sum));
      const best = sums.indexOf(Math.max(...sums));
      if (name === 'copa') return best === (doc as {label: number}).label;
      if (name === 'record') {
        const {entities, answers} = doc as {entities: string[]; answers: string[]};
        return answers.includes(entities[best]);
      }
      return String(best) === target;
    });
    expect(scores[0].value).toBeCloseTo(right.filter(Boolean).length / right.length, 12);
  });

  it("takes MultiRC's answers to a question together", async () => {
    const {scores, samples} = await evaluate(model, 'multirc', {
      data: await fixture('multirc'),
      ...labelled('multirc'),
    });
    const groups = new Map<string, boolean>();
    for (const {doc, acc} of samples) {
      const {paragraph, question} = (doc as {idx: {paragraph: number; question: number}}).idx;
      const key = `${paragraph}/${question}`;
      groups.set(key, (groups.get(key) ?? true) && acc === 1);
    }
    expect(groups.size).toBeLessThan(samples.length);
    const exact = scores.find(({metric}) => metric === 'exact');
    expect(exact?.value).toBeCloseTo([...groups.values()].filter(Boolean).length / groups.size, 12);
  });

  it('generates up to where the prompt ends, with shots, once a filter', async () => {
    const {scores, samples, results} = await evaluate(model, 'gsm8k', {
      ...{data: await fixture('gsm8k'), shots: 1, sampler: 'first', maxTokens: 8},
    });
    expect(scores.map(({metric, filter}) => `${metric},${filter}`)).toEqual([
      'exact_match,strict-match',
      'exact_match,flexible-extract',
    ]);
    expect(samples.map(({filter, doc_id}) => [filter, doc_id])).toEqual([
      ...[
        ['strict-match', 0],
        ['strict-match', 1],
      ],
      ...[
        ['flexible-extract', 0],
        ['flexible-extract', 1],
      ],
    ]);
    expect(results['n-shot']).toEqual({gsm8k: 1});
    const [{arguments: asked}] = samples;
    expect(String(asked.gen_args_0.arg_0).match(/Question:/g)).toHaveLength(2);
    expect(asked.gen_args_0.arg_1).toMatchObject({until: ['Question:', '</s>', '<|im_end|>'], max_gen_toks: 8});
  });

  it('divides by characters or bytes where it is told to', async () => {
    const rows = [{premise: 'It was.', choice1: 'éé.', choice2: 'No no no no.', question: 'cause', idx: 0, label: 0}];
    const said = async (normalization: 'none' | 'characters' | 'bytes') => {
      const task = {...getTask('copa'), metrics: [{name: 'macroF1', options: {labels: [0, 1]}}]};
      const {scores, samples} = await evaluate(model, task, {data: linesAs(rows), normalization});
      const choices = [' éé.', ' no no no no.']; // as the prompt begins them
      const sums = (samples[0].resps as [[string, string]][]).map(([[sum]]) => Number(sum));
      const by = {
        none: sums,
        characters: sums.map((sum, i) => sum / [...choices[i]].length),
        bytes: sums.map((sum, i) => sum / Buffer.byteLength(choices[i])),
      };
      const best = (values: number[]) => values.indexOf(Math.max(...values));
      const scoreOf = (metric: string) => scores.find((score) => score.metric === metric)?.value;
      expect(scoreOf('acc')).toBe(best(by.none) === 0 ? 1 : 0);
      expect(scoreOf('acc_norm')).toBe(best(by.characters) === 0 ? 1 : 0);
      expect(scoreOf('acc_bytes')).toBe(best(by.bytes) === 0 ? 1 : 0);
      expect(scoreOf('f1')).toBe(best(by[normalization]) === 0 ? 1 : 0);
      return best(by[normalization]);
    };
    expect([await said('none'), await said('characters'), await said('bytes')]).toContain(0);
  });

  it('asks in a chat by the template, whose text has the special tokens', async () => {
    const seen: boolean[] = [];
    const chatting: ChoosingModel = {
      ...model,
      tokenizer: {
        ...model.tokenizer,
        encode: (text, options) => {
          seen.push(options?.addSpecialTokens ?? true);
          return model.tokenizer.encode(text);
        },
      },
      applyChatTemplate: async (messages) =>
        `${messages.map(({role, content}) => `<${role}>${content}`).join('')}<assistant>`,
      chatTemplates: {texts: new Map([['default', 'a template']])},
    };
    const {samples, results} = await evaluate(chatting, 'boolq', {
      ...{
        data: await fixture('boolq'),
        shots: 1,
        sampler: 'first',
        chat: true,
        system: 'Be brief.',
        shotsAsTurns: true,
      },
    });
    expect(samples[0].arguments.gen_args_1).toEqual({
      arg_0: expect.stringMatching(/^<system>Be brief.<user>[^<]+<assistant>no<user>[^<]+<assistant>$/),
      arg_1: 'yes',
    });
    expect(new Set(seen)).toEqual(new Set([false]));
    expect(results).toMatchObject({
      chat_template: 'a template',
      system_instruction: 'Be brief.',
      fewshot_as_multiturn: true,
    });
  });
});

it('takes a generated text for the label of that name, and for a wrong one where it is none', async () => {
  const label = ['entailment', 'contradiction', 'neutral'];
  const rows = label.map((label, idx) => ({premise: `p${idx}`, hypothesis: 'h', idx, label}));
  const said = [' entailment', 'contradiction.', 'neutral'];
  const writing: GeneratingModel = {
    ...model,
    generate: async (prompts) => prompts.map((prompt) => said[Number(prompt.at(-1))]),
  };
  const options = {data: linesAs(rows), prompt: 'textToText', maxTokens: 4};
  const {scores, results} = await evaluate(writing, 'cb', options);
  const value = (metric: string) => scores.find((score) => score.metric === metric)?.value;
  expect(value('acc')).toBeCloseTo(2 / 3, 12);
  // Entailment is found, contradiction missed, neutral found once too often.
  expect(value('f1')).toBeCloseTo((1 + 0 + 2 / 3) / 3, 12);
  expect(Object.keys(results.results)).toEqual(['cb_textToText']);
});

describe('a context and what follows it', () => {
  const encoded = async (
    context: string,
    {maxPositions = 2000, ...room}: {maxPositions?: number; maxRowTokens?: number} = {},
  ) => {
    let asked: (readonly [readonly number[], readonly number[]])[] = [];
    const listening: ChoosingModel = {
      ...{...model, ...room, config: {...model.config, maxPositions}},
      logProbabilities: async (rows, options) => {
        asked = [...rows];
        return model.logProbabilities(rows, options);
      },
    };
    const prompt = {kind: 'choices', context, choices: ['no', 'yes'], right: '{{ label }}'} as const;
    const rows = [{question: 'a', passage: 'b', idx: 0, label: true}];
    await evaluate(listening, 'boolq', {data: linesAs(rows), prompt});
    return asked.map(([before, after]) => [model.tokenizer.decode(before), model.tokenizer.decode(after)]);
  };

  it('gives the spaces at the end to what follows', async () => {
    expect(await encoded('Answer: \n')).toEqual([
      ['Answer:', ' \n no'],
      ['Answer:', ' \n yes'],
    ]);
  });

  it.each([{maxPositions: 6}, {maxRowTokens: 6}])(
    'is cut at its start where the model has no place: %o',
    async (room) => {
      // The last token is not read.
      expect(await encoded('Question: a', room)).toEqual([
        ['n: a', ' no'],
        [': a', ' yes'],
      ]);
    },
  );

  it('begins with what every text begins with, where there is none', async () => {
    expect(await encoded('')).toEqual([
      ['?', ' no'],
      ['?', ' yes'],
    ]);
  });
});

describe('files', () => {
  it('have the names and lines of lm-evaluation-harness', async () => {
    const folder = await mkdtemp(`${tmpdir()}/evaluate-`);
    try {
      const {samples, results} = await evaluate(model, 'rte', {data: await fixture('rte'), output: folder});
      const [own] = await readdir(folder);
      expect(own).toBe('test__bigrams');
      const names = (await readdir(`${folder}/${own}`)).sort();
      const time = /\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6}/.source;
      expect(names[0]).toMatch(new RegExp(`^results_${time}\\.json$`));
      expect(names[1]).toMatch(new RegExp(`^samples_sglue_rte_${time}\\.jsonl$`));
      expect(names[0].slice(8, -5)).toBe(names[1].slice('samples_sglue_rte_'.length, -6));
      expect(JSON.parse(await readFile(`${folder}/${own}/${names[0]}`, 'utf8'))).toEqual(results);
      const lines = (await readFile(`${folder}/${own}/${names[1]}`, 'utf8')).trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual(samples);
    } finally {
      await rm(folder, {recursive: true});
    }
  });

  it('are whole lines where an evaluation is cancelled or fails', async () => {
    const rows = Array.from({length: 100}, (_, i) => ({
      question: `${i}`,
      passage: 'yes\u2028no',
      idx: i,
      label: i % 2 > 0,
    }));
    const stopAt = async (end: number, options: Partial<EvaluateOptions>, asked: EvaluatedModel) => {
      const {files, output, text} = recorder();
      const told: number[] = [];
      const onProgress = ({done, total}: {done: number; total: number}) => {
        expect(total).toBe(100);
        told.push(done);
      };
      const pending = evaluate(asked, 'boolq', {data: linesAs(rows), batchSize: 2, output, onProgress, ...options});
      await expect(pending).rejects.toThrow('enough');
      const lines = text('.jsonl').split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.map((line) => JSON.parse(line).doc_id)).toEqual([...lines.keys()]);
      expect(lines.length).toBe(32 * Math.floor(end / 32));
      expect([...files.keys()].filter((name) => name.includes('results'))).toEqual([]);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      return told.at(-1);
    };
    const controller = new AbortController();
    let calls = 0;
    const until = (act: () => void): ChoosingModel => ({
      ...model,
      logProbabilities: (given, options) => {
        if (++calls === 36) act();
        return model.logProbabilities(given, options);
      },
    });
    expect(
      await stopAt(
        72,
        {signal: controller.signal},
        until(() => controller.abort(new Error('enough'))),
      ),
    ).toBe(72);
    calls = 0;
    const fail = () => {
      throw new Error('enough');
    };
    expect(await stopAt(72, {}, until(fail))).toBe(70);
    // Already aborted: nothing is read or written.
    expect(await stopAt(0, {signal: controller.signal}, model)).toBe(undefined);
  });
});

describe('a wrong call', () => {
  const data = linesAs([{question: 'a', passage: 'b', idx: 0}]);
  it.each<[string, unknown[], string]>([
    ['no model', [null, 'boolq', {data}], 'evaluate: model is null, expected a model with an id'],
    ['no task of that name', [model, 'bool', {data}], 'getTask: there is no task "bool"'],
    [
      'no data',
      [model, 'boolq', {}],
      'evaluate: data is undefined, expected a folder, a URL, datasets/owner/name or a function',
    ],
    ['an unknown option', [model, 'boolq', {data, rows: 3}], 'evaluate: there is no option "rows" (3)'],
    [
      'no rows wanted',
      [model, 'boolq', {data, limit: 0}],
      'evaluate: limit is 0, expected a whole number of at least 1',
    ],
    [
      'no such prompt',
      [model, 'boolq', {data, prompt: 'own'}],
      'evaluate: boolq has no prompt "own", expected one of causal',
    ],
    ['no such split', [model, 'boolq', {data, split: 'dev'}], 'boolq has no split "dev", expected one of train'],
    ['no label', [model, 'boolq', {data}], 'evaluate: row 0 has no label: {"question":"a","passage":"b","idx":0}'],
    ['a chat without a template', [model, 'boolq', {data, chat: true}], 'expected a model with applyChatTemplate'],
    [
      'shots of a diagnostic',
      [model, 'axb', {data, shots: 2}],
      'evaluate: shots is 2, expected none: axb has no rows to train on',
    ],
    ['shots besides its own', [model, 'gsm8k', {data, shots: 2, prompt: 'chainOfThought'}], 'the prompt has its own'],
    [
      'a model that lacks it',
      [{id: 'm'}, 'gsm8k', {data: linesAs([{question: 'a', answer: '#### 1'}]), prompt: 'causal', shots: 0}],
      'evaluate: the model "m" has no generate',
    ],
    ['no rows', [model, 'boolq', {data: linesAs([])}], 'evaluate: boolq has no rows in "validation"'],
  ])('says so: %s', async (_, given, message) => {
    const call = evaluate as (...given: unknown[]) => Promise<unknown>;
    await expect((async () => call(...given))()).rejects.toThrow(message);
  });
});
