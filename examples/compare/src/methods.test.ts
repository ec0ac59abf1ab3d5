import {expect, it} from 'vitest';
import {METHODS} from './methods.js';

/** A model of 16 numbers a token, with two self-attentions, and so many places for tokens. */
const modelOf = (maxPositions?: number) => ({
  weights: new Map([['embeddings.weight', {shape: [1000, 16]}]]),
  projections: () => [],
  attentions: () => [0, 1].map((at) => ({name: `h.${at}.attn`, heads: 2, keyValueHeads: 2, headSize: 8})),
  architecture: {config: {hiddenSize: 16, ...(maxPositions !== undefined && {maxPositions})}},
});

/** The same with a head of two numbers. */
function withHead() {
  const model = modelOf();
  for (const [name, shape] of [
    ['head.weight', [2, 16]],
    ['head.bias', [2]],
  ] as const) {
    model.weights.set(name, {shape: [...shape]});
  }
  const head = {name: 'head', inputs: 16, outputs: 2, layout: 'out-in' as const};
  const layer = {name: 'h.0.mlp', inputs: 100, outputs: 100, layout: 'out-in' as const};
  model.weights.set('h.0.mlp.weight', {shape: [100, 100]});
  return {...model, projections: () => [layer, head], head: {output: 'head'}};
}

it.each([
  ['prompt', 16],
  ['prefix', 64],
])('%s takes as many tokens as the budget has, papers use, and half of the places allow', (method, each) => {
  const fit = (parameters: number, places?: number) => METHODS[method].fit(parameters, modelOf(places));
  expect(fit(7 * each + 1, 128)).toEqual({tokens: 7, parameters: 7 * each});
  expect(fit(1_000_000, 128)).toEqual({tokens: 64, parameters: 64 * each});
  expect(fit(1_000_000, 4096)).toEqual({tokens: 100, parameters: 100 * each});
  expect(fit(1_000_000)).toEqual({tokens: 100, parameters: 100 * each});
});

/** Those whose budget is a share of the weights. */
const ours = Object.keys(METHODS).filter((name) => METHODS[name].isOurs);
const fixed = [
  'random',
  'magnitude',
  'magnitude-smallest',
  'gradient',
  'gradient-global',
  'weight-gradient',
  'structured',
];

it.each([...ours, ...fixed, 'lift'])('%s, a subset, holds all of a new head', (method) => {
  const {whole, parameters} = METHODS[method].fit(1000, withHead());
  expect([whole, parameters]).toEqual([['head.weight', 'head.bias'], 1000]);
  expect(() => METHODS[method].fit(33, withHead())).toThrow('at least the 34 that are trained whole');
});

it('lora-attention leaves out what is not of attention', () => {
  const attention = ['q_proj', 'o_proj'].map((name) => ({
    ...{name: `h.0.attn.${name}`, inputs: 16, outputs: 16, layout: 'out-in' as const},
  }));
  const model = withHead();
  const {targets} = METHODS['lora-attention'].fit(1000, {
    ...model,
    projections: () => [...attention, ...model.projections()],
  });
  expect(targets).toEqual(['h.0.attn.q_proj', 'h.0.attn.o_proj']);
  expect(() => METHODS['lora-attention'].fit(1000, model)).toThrow('targets');
});

it("a run's configuration tells the forms of subset tuning apart, whatever they are called", () => {
  const forms = Object.entries(METHODS).filter(([, {isOurs}]) => isOurs);
  expect(forms.map(([name]) => name)).toContain('subset');
  const choices = forms.map(([, {fit}]) => fit(160, modelOf()));
  expect(METHODS.subset.fit(160, modelOf())).toEqual({density: 0.01, parameters: 160});
  expect(new Set(choices.map((choice) => JSON.stringify(choice))).size).toBe(forms.length);
});
