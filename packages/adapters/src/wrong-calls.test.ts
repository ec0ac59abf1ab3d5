import {sgd} from '@subset-tuning/optimizer';
import {describe, expect, it} from 'vitest';
import * as adapters from './index.js';

// As a caller in JavaScript has them: without types.
const js = adapters as unknown as Record<string, (...given: unknown[]) => unknown>;

const chosenNames = 'density, parameters, whole, losses, score, silos, variables';
const names = 'density, parameters, whole, seed, silos, variables';
const rule =
  'an update rule, such as adamw({learningRate: 1e-3}); project(optimizer, options) is for an optimizer of tfjs';

describe('a wrong call', () => {
  it.each<[name: string, given: unknown[], message: string]>([
    ['randomSubset', [], `randomSubset: the options are undefined, expected an object with ${names}`],
    ['randomSubset', [{}, {density: 0.1}], 'randomSubset: seed is undefined, expected a whole number'],
    ['randomSubset', [{}, {density: 0.1, seed: '1'}], 'randomSubset: seed is "1", expected a whole number'],
    [
      'randomSubset',
      [{}, {densty: 0.1, seed: 1}],
      `randomSubset: there is no option "densty" (0.1), expected ${names}`,
    ],
    ['randomSubset', [{}, {density: 0.1, seed: 1}], `dynamicSubset: rule is {}, expected ${rule}`],
    [
      'fixedSubset',
      [{}, {density: 0.1}],
      'fixedSubset: positions is undefined, expected a Map of ascending positions by the name of their variable',
    ],
    ['fixedSubset', [{}, {density: 0.1, positions: new Map()}], `dynamicSubset: rule is {}, expected ${rule}`],
    [
      'structuredSubset',
      [{}, {density: 0.1, variables: 'all'}],
      'structuredSubset: variables is "all", expected an array of variables',
    ],
    ['bitFit', [{}, {}], 'bitFit: weights is {}, expected a Map of names to weights'],
    ['bitFitWeights', [new Map(), {vectors: 'none'}], 'bitFit: vectors is "none", expected one of biases, all'],
    [
      'fitBudget',
      [
        {method: 'prayer', parameters: 1},
        {weights: new Map(), projections: () => []},
      ],
      'fitBudget: method is "prayer", expected one of subset, lift, lora, dora, ia3, prompt, prefix, bitfit, vectors, full',
    ],
    ['loraBudget', [{}], 'loraBudget: model: weights is undefined, expected a Map of names to weights'],
    ['fullTuning', [], `dynamicSubset: rule is undefined, expected ${rule}`],
    ['fullTuning', [{learningRate: 0.1}], `dynamicSubset: rule is {"learningRate":0.1}, expected ${rule}`],
  ])('%s of %o', (name, given, message) => {
    expect(() => js[name](...given)).toThrow(new Error(message));
  });

  it.each<[given: unknown[], message: string]>([
    [[], `gradientSubset: the options are undefined, expected an object with ${chosenNames}`],
    [
      [{}, {density: 0.1}],
      'gradientSubset: losses is undefined, expected something to iterate over, with functions that give a loss',
    ],
    [[{}, {density: 0.1, losses: []}], `dynamicSubset: rule is {}, expected ${rule}`],
    [
      [sgd({learningRate: 1}), {density: 0.1, losses: [1]}],
      'gradientSubset: a loss is 1, expected a function that gives a loss',
    ],
    [
      [sgd({learningRate: 1}), {density: 0.1, losses: [], score: 'fisher'}],
      'gradientSubset: score is "fisher", expected one of gradient, weight-gradient',
    ],
    [
      [sgd({learningRate: 1}), {density: 0.1, losses: [], variables: ['a']}],
      'gradientSubset: variables is ["a"], expected an array of variables',
    ],
  ])('gradientSubset of %o', async (given, message) => {
    await expect(js.gradientSubset(...given)).rejects.toThrow(new Error(message));
  });

  it.each<[name: string, given: unknown[], message: string]>([
    [
      'magnitudeSubset',
      [sgd({learningRate: 1}), {density: 0.1, variables: [], order: 'middle'}],
      'magnitudeSubset: order is "middle", expected one of largest, smallest',
    ],
    [
      'magnitudeSubset',
      [sgd({learningRate: 1}), {variables: []}],
      'budget: the options are {}, expected either density or parameters, got none',
    ],
    [
      'liftSubset',
      [sgd({learningRate: 1}), {density: 0.1, variables: [], rank: 0}],
      'liftSubset: rank is 0, expected a whole number of at least 1',
    ],
    ['liftSubset', [{}, {density: 0.1, variables: []}], `dynamicSubset: rule is {}, expected ${rule}`],
  ])('%s of %o', async (name, given, message) => {
    await expect(js[name](...given)).rejects.toThrow(new Error(message));
  });
});
