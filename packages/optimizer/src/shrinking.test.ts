import {describe, expect, it} from 'vitest';
import {exponential, shrinking, valueAt} from './index.js';

describe('shrinking', () => {
  it('takes density and learning rate from a wide budget to a small one', () => {
    const {density, learningRate} = shrinking({density: 0.01, learningRate: 0.1, over: 10});
    expect(density).toEqual(exponential({from: 1, to: 0.01, steps: 10}));
    expect(learningRate).toEqual(exponential({from: 0.001, to: 0.1, steps: 10}));
    expect(valueAt(density, 5)).toBeCloseTo(0.1, 12);
    expect(valueAt(learningRate, 5)).toBeCloseTo(0.01, 12);
  });

  it('begins where it is told to', () => {
    const options = {density: 0.01, learningRate: 0.1, over: 4, from: 0.1, denseLearningRate: 0.02};
    expect(shrinking(options)).toEqual({
      density: exponential({from: 0.1, to: 0.01, steps: 4}),
      learningRate: exponential({from: 0.02, to: 0.1, steps: 4}),
    });
  });

  it('refuses to grow', () => {
    expect(() => shrinking({density: 0.1, learningRate: 0.1, over: 4, from: 0.01})).toThrow(
      'shrinking: from is 0.01, expected at least the density, 0.1',
    );
    expect(() => shrinking({density: 0, learningRate: 0.1, over: 4})).toThrow(
      'shrinking: density is 0, expected a number above 0 and at most 1',
    );
  });
});
