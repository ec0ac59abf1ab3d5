import {describe, expect, it} from 'vitest';
import {cosine, exponential, shrinking, valueAt} from './index.js';

describe('shrinking', () => {
  it('takes density and learning rate from a wide budget to a small one', () => {
    const {density, learningRate} = shrinking({density: 1e-4, learningRate: 0.1, over: 10});
    expect(density).toEqual(exponential({from: 0.1, to: 1e-4, steps: 10}));
    expect(valueAt(density, 5)).toBeCloseTo(Math.sqrt(1e-5), 12);
    // A thousand times as many weights, a tenth of the rate.
    expect(valueAt(learningRate, 0)).toBeCloseTo(0.01, 12);
    expect(valueAt(learningRate, 5)).toBeCloseTo(Math.sqrt(0.001), 12);
    expect(valueAt(learningRate, 10)).toBe(0.1);
  });

  it('stays where it is at budgets that are wide enough', () => {
    const {density, learningRate} = shrinking({density: 0.5, learningRate: 0.1, over: 10});
    expect(density.from).toBe(0.5);
    expect(learningRate.from).toBe(0.1);
  });

  it('begins where it is told to', () => {
    const options = {density: 0.01, learningRate: 0.1, over: 4, from: 0.1, denseLearningRate: 0.02};
    expect(shrinking(options)).toEqual({
      density: exponential({from: 0.1, to: 0.01, steps: 4}),
      learningRate: exponential({from: 0.02, to: 0.1, steps: 4}),
    });
  });

  it('goes on along a learning rate that falls', () => {
    const falling = cosine({from: 0.1, to: 0, steps: 10});
    const {learningRate} = shrinking({density: 1e-4, learningRate: falling, over: 10});
    expect(learningRate).toEqual(exponential({from: learningRate.from, to: 0.1, steps: 10, after: falling}));
    for (const [step, rate] of [
      [5, Math.sqrt(0.001)],
      [10, 0.1],
      [15, 0.05],
      [20, 0],
    ]) {
      expect(valueAt(learningRate, step)).toBeCloseTo(rate, 12);
    }
  });

  it('refuses to grow, and rates that are none', () => {
    expect(() => shrinking({density: 0.1, learningRate: 0.1, over: 4, from: 0.01})).toThrow(
      'shrinking: from is 0.01, expected at least the density, 0.1',
    );
    expect(() => shrinking({density: 0, learningRate: 0.1, over: 4})).toThrow(
      'shrinking: density is 0, expected a number above 0 and at most 1',
    );
    expect(() => shrinking({density: 0.1, learningRate: -1, over: 4})).toThrow(
      'shrinking: learningRate is -1, expected a number of at least 0, or what linear, exponential, cosine or warmup make of such',
    );
    expect(() => shrinking({density: 0.1, learningRate: 0, over: 4})).toThrow('shrinking: learningRate begins at 0');
  });
});
