import {expect, it} from 'vitest';
import {METHODS} from './methods.js';

/** A model of 16 numbers a token, with two self-attentions, and so many places for tokens. */
const modelOf = (maxPositions?: number) => ({
  weights: new Map([['embeddings.weight', {shape: [1000, 16]}]]),
  projections: () => [],
  attentions: () => [0, 1].map((at) => ({name: `h.${at}.attn`, heads: 2, keyValueHeads: 2, headSize: 8})),
  architecture: {config: {hiddenSize: 16, ...(maxPositions !== undefined && {maxPositions})}},
});

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

it("a run's configuration tells the forms of subset tuning apart, whatever they are called", () => {
  const forms = Object.entries(METHODS).filter(([, {isOurs}]) => isOurs);
  expect(forms.map(([name]) => name)).toContain('subset');
  const choices = forms.map(([, {fit}]) => fit(160, modelOf()));
  expect(METHODS.subset.fit(160, modelOf())).toEqual({density: 0.01, parameters: 160});
  expect(new Set(choices.map((choice) => JSON.stringify(choice))).size).toBe(forms.length);
});
