import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {type GoldenModel, loadBase, readCase} from '../golden/adapter-fixture.js';
import {type Adapter, type AttachConfig, attach, fitBudget} from './index.js';

let base: GoldenModel | undefined;
const load = async (name: string) => {
  base = await loadBase((await readCase(name)).golden);
  return base.model;
};
afterEach(() => tf.disposeVariables());

/** A budget, or the least that its error says. */
async function withinBudget(parameters: number, make: (parameters: number) => Promise<Adapter>): Promise<number> {
  try {
    (await make(parameters)).detach();
    return parameters;
  } catch (error) {
    const least = Number(/expected at least (\d+)/.exec(String(error))?.[1]);
    expect(least, String(error)).toBeGreaterThan(parameters);
    return least;
  }
}

describe.each(['lora', 'dora-gpt2', 'lora-bert', 'lora-t5'])('a model of the case %s', (name) => {
  it.each<AttachConfig>([
    {method: 'lora'},
    {method: 'lora', bias: 'all'},
    {method: 'lora', bias: 'lora_only', dora: true},
    {method: 'lora', dora: true, layers: 0},
    {method: 'prompt'},
    {method: 'prefix'},
  ])('trains no more than %o may', async (config) => {
    const model = await load(name);
    for (const parameters of [700, 1000, 1500, 3001]) {
      const budget = await withinBudget(parameters, (most) => attach(model, {...config, parameters: most}));
      const adapter = await attach(model, {...config, parameters: budget});
      expect(adapter.parameters).toBeLessThanOrEqual(budget);
      expect(adapter.parameters).toBeGreaterThan(config.method === 'lora' ? budget / 4 : 0);
      expect(adapter.config).not.toHaveProperty('parameters');
      adapter.detach();
    }
  });
});

describe('attach', () => {
  it('is what fitBudget chooses', async () => {
    const model = await load('lora');
    const {parameters, ...chosen} = fitBudget({method: 'lora', parameters: 2000}, model);
    const adapter = await attach(model, {method: 'lora', parameters: 2000});
    expect(adapter.parameters).toBe(parameters);
    expect(adapter.config).toEqual({method: 'lora', ...chosen});
    adapter.detach();
  });

  it('refuses a rank beside a budget, and a budget that IA³ exceeds', async () => {
    const model = await load('lora');
    await expect(attach(model, {method: 'lora', rank: 4, parameters: 2000})).rejects.toThrow(
      'attach: rank is 4 beside parameters, expected one of them',
    );
    const {parameters} = fitBudget({method: 'ia3', parameters: 1e6}, model);
    await expect(attach(model, {method: 'ia3', parameters: parameters - 1})).rejects.toThrow(
      `ia3: parameters is ${parameters - 1}, expected at least ${parameters}, all that it tunes`,
    );
    await expect(attach(model, {method: 'prompt', tokens: 4, parameters: 2000})).rejects.toThrow(
      'attach: tokens is 4 and parameters is 2000, expected one of them',
    );
    const adapter = await attach(model, {method: 'ia3', parameters});
    expect(adapter.parameters).toBe(parameters);
    adapter.detach();
    expect([...model.weights.values()].every(({trainable}) => trainable)).toBe(true);
  });
});
