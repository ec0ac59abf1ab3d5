import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {randomCases} from '../../../test/scale.js';
import {baseOf, type GoldenModel} from '../golden/adapter-fixture.js';
import {type AttachConfig, attach, chooseModules, countLora, type LoraConfig, loraBudget} from './index.js';

const bases = new Map<string, GoldenModel>();
/** Cases by what their adapters lie over. */
const CASES = ['lora', 'lora-rslora-bias', 'lora-bert', 'lora-t5'];
beforeAll(async () => {
  for (const name of CASES) bases.set(name, await baseOf(name));
});
afterAll(() => tf.disposeVariables());

function modelOf(name: string): GoldenModel['model'] {
  const base = bases.get(name);
  if (!base) throw new Error(`no case ${name}`);
  return base.model;
}

// As a caller in JavaScript has it: without types.
const attachAny = attach as (model: unknown, config: unknown) => Promise<unknown>;

describe('a wrong configuration', () => {
  const names = "'all-linear', a name, an array of names or a regular expression";
  const common: [string, unknown, string][] = [
    ['targets', 7, names],
    ['targets', ['q_proj', 1], names],
    ['targets', null, names],
    ['exclude', {}, names],
    ['layers', -1, 'the index of a layer or an array of indices'],
    ['layers', [0, 0.5], 'the index of a layer or an array of indices'],
    ['layers', '0', 'the index of a layer or an array of indices'],
    ['name', 1, 'a string'],
    ['modulesToSave', 'norm', 'an array of names'],
    ['modulesToSave', [null], 'an array of names'],
    ['parameters', 0, 'a whole number of at least 1'],
  ];
  const ofLora: [string, unknown, string][] = [
    ['rank', 0, 'a whole number from 1 to 65536'],
    ['rank', 1.5, 'a whole number from 1 to 65536'],
    ['rank', '8', 'a whole number from 1 to 65536'],
    ['rank', 65_537, 'a whole number from 1 to 65536'],
    ['alpha', 0, 'a number above 0'],
    ['alpha', Number.NaN, 'a number above 0'],
    ['alpha', Number.POSITIVE_INFINITY, 'a number above 0'],
    ['rankStabilized', 1, 'true or false'],
    ['dropout', 1, 'a number from 0 to below 1'],
    ['dropout', -0.1, 'a number from 0 to below 1'],
    ['init', 'he', 'one of kaiming, gaussian, pissa'],
    ['init', true, 'one of kaiming, gaussian, pissa'],
    ['dora', 'yes', 'true or false'],
    ['bias', true, 'one of none, all, lora_only'],
    ['seed', -1, 'a whole number from 0 to 2147483648'],
    ['seed', 'x', 'a whole number from 0 to 2147483648'],
  ];
  const optionsOfLora = 'method, rank, alpha, rankStabilized, dropout, init, dora, bias, seed';
  const optionsOfAll = 'targets, exclude, layers, name, modulesToSave, parameters';
  const show = (value: unknown) => (typeof value === 'number' ? String(value) : JSON.stringify(value));

  it.each<[unknown, string]>([
    ...common.flatMap(([name, value, expected]) =>
      ['lora', 'ia3'].map((method): [unknown, string] => [
        {method, [name]: value},
        `attach: ${name} is ${show(value)}, expected ${expected}`,
      ]),
    ),
    ...ofLora.map(([name, value, expected]): [unknown, string] => [
      {method: 'lora', [name]: value},
      `attach: ${name} is ${show(value)}, expected ${expected}`,
    ]),
    [{method: 'ia3', feedForward: 1}, `attach: feedForward is 1, expected ${names}`],
    [{method: 'lora', r: 8}, `attach: there is no option "r" (8), expected ${optionsOfLora}, ${optionsOfAll}`],
    [{method: 'ia3', rank: 8}, `attach: there is no option "rank" (8), expected method, feedForward, ${optionsOfAll}`],
    [{}, 'attach: method is undefined, expected one of lora, ia3, prompt, prefix'],
    [undefined, 'attach: method is undefined, expected one of lora, ia3, prompt, prefix'],
    [{method: 'LORA'}, 'attach: method is "LORA", expected one of lora, ia3, prompt, prefix'],
    [
      {method: 'lora', targets: ['q_proj', 'query']},
      'targets has "query", expected linear layers of the model, such as q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj',
    ],
    [
      {method: 'lora', targets: ['all-linear']},
      'targets has "all-linear", expected linear layers of the model, such as q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj',
    ],
    [
      {method: 'lora', targets: 'roj'},
      'targets has "roj", expected linear layers of the model, such as q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj',
    ],
    [
      {method: 'lora', targets: /none/, layers: 1},
      'there is no linear layer for {"targets":"/none/","exclude":"","layers":1}, expected at least one of 14',
    ],
    [
      {method: 'lora', targets: 'q_proj', exclude: 'q_proj', layers: 1},
      'there is no linear layer for {"targets":"q_proj","exclude":"q_proj","layers":1}, expected at least one of 14',
    ],
    [{method: 'lora', layers: [1, 2]}, 'layers has 2, expected indices of layers of the model, at most 1'],
    [
      {method: 'lora', exclude: ['q_proj', 'k']},
      'exclude has "k", expected linear layers of the model, such as q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj',
    ],
    [{method: 'lora', rank: 2, parameters: 1000}, 'attach: rank is 2 beside parameters, expected one of them'],
  ])('%o is refused, and nothing has changed', async (config, message) => {
    const model = modelOf('lora');
    const {numTensors, numBytes} = tf.memory();
    const logits = bases.get('lora')?.logits();
    const before = await logits?.data();
    logits?.dispose();
    await expect(attachAny(model, config)).rejects.toThrow(new Error(message));
    expect(tf.memory()).toMatchObject({numTensors, numBytes});
    expect(tf.engine().registeredVariables).not.toHaveProperty('adapter');
    expect([...model.weights.values()].every(({trainable}) => trainable)).toBe(true);
    const after = bases.get('lora')?.logits();
    expect(await after?.data()).toEqual(before);
    after?.dispose();
  });

  it.each<[unknown, string]>([
    [undefined, 'attach: model is undefined, expected an object with id, weights, architecture, projections, decorate'],
    [{id: 'm', weights: {}}, 'attach: model: weights is {}, expected a Map from names to variables'],
    [
      {id: 'm', weights: new Map(), architecture: {}, projections: []},
      'attach: model: projections is [], expected a function',
    ],
  ])('for a model that is %o is refused', async (model, message) => {
    await expect(attachAny(model, {method: 'lora'})).rejects.toThrow(new Error(message));
  });
});

describe('what is counted', () => {
  const choices = fc.record(
    {
      targets: fc.constantFrom('all-linear' as const, /proj|query|key|\.q$|\.k$|c_attn/, /dense|mlp|\.w/, /./),
      exclude: fc.constantFrom(/k_proj|key|\.k$/, /0/, []),
      layers: fc.constantFrom<number | number[]>(0, 1, [0, 1]),
    },
    {requiredKeys: []},
  );
  const configs: fc.Arbitrary<LoraConfig> = fc
    .tuple(
      choices,
      fc.record(
        {
          rank: fc.integer({min: 1, max: 9}),
          dora: fc.boolean(),
          bias: fc.constantFrom('none' as const, 'lora_only' as const, 'all' as const),
        },
        {requiredKeys: []},
      ),
    )
    .map(([choice, config]) => ({method: 'lora', ...choice, ...config}));

  it('before is what an attached adapter has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...CASES), configs, async (name, config) => {
        const model = modelOf(name);
        const {numTensors} = tf.memory();
        const output = 'head' in model ? model.head.output : undefined;
        const modules = model.projections().filter((module) => module.name !== output);
        let chosen: ReturnType<typeof chooseModules>;
        try {
          chosen = chooseModules(modules, config, output);
        } catch (error) {
          await expect(attach(model, config)).rejects.toThrow(error as Error);
          expect(() => countLora(modules, config, output)).toThrow(error as Error);
          expect(tf.memory().numTensors).toBe(numTensors);
          return;
        }
        const counted = countLora(modules, config, output);
        expect(tf.memory().numTensors).toBe(numTensors);
        const adapter = await attach(model, config);
        const own = adapter.variables.filter((variable) => !model.weights.has(variable.name.replace('adapter/', '')));
        expect(own.reduce((sum, {size}) => sum + size, 0)).toBe(counted);
        const factors = own.flatMap((one) => /^adapter\/(.*)\.lora_A\.weight$/.exec(one.name)?.[1] ?? []);
        expect(factors).toEqual(chosen.map((module) => module.name));
        expect(adapter.variables.reduce((sum, {size}) => sum + size, 0)).toBe(adapter.parameters);
        adapter.detach();
        expect(tf.memory().numTensors).toBe(numTensors);
      }),
      {numRuns: randomCases(200)},
    );
  });

  it('of a budget is what the adapter has that is attached by it, and never more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...CASES),
        configs,
        fc.integer({min: 1, max: 6000}),
        async (name, {rank, ...config}, parameters) => {
          const model = modelOf(name);
          const {numTensors} = tf.memory();
          let adapter: Awaited<ReturnType<typeof attach>>;
          const whole: AttachConfig = {...config, parameters};
          try {
            adapter = await attach(model, whole);
          } catch (error) {
            expect(String(error)).toMatch(/expected at least/);
            expect(tf.memory().numTensors).toBe(numTensors);
            return;
          }
          const {method, ...others} = config;
          expect(adapter.parameters).toBe(loraBudget(model, {...others, parameters}).parameters);
          expect(adapter.parameters).toBeLessThanOrEqual(parameters);
          adapter.detach();
        },
      ),
      {numRuns: randomCases(200)},
    );
  });
});
