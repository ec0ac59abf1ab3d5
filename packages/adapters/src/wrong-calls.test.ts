import {sgd} from '@subset-tuning/optimizer';
import {describe, expect, it} from 'vitest';
import * as adapters from './index.js';

// As a caller in JavaScript has them: without types.
const js = adapters as unknown as Record<string, (...given: unknown[]) => unknown>;

const chosenNames = 'density, parameters, losses, score, silos, variables';
const names = 'density, parameters, seed, silos, variables';
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
});
