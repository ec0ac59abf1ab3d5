import {describe, expect, it} from 'vitest';
import {cosine, exponential, linear, valueAt, warmup} from './index.js';

describe('valueAt', () => {
  it('a number is itself', () => expect(valueAt(0.3, 99)).toBe(0.3));

  it('linear goes from one value to the other and stays', () => {
    const schedule = linear({from: 1, to: 3, steps: 4});
    expect([0, 1, 2, 4, 9].map((step) => valueAt(schedule, step))).toEqual([1, 1.5, 2, 3, 3]);
  });

  it('exponential goes on by one factor and stays', () => {
    const schedule = exponential({from: 1, to: 0.0001, steps: 4});
    const expected = [1, 0.1, 0.01, 0.001];
    for (const [step, value] of expected.entries()) expect(valueAt(schedule, step)).toBeCloseTo(value, 12);
    expect([4, 99].map((step) => valueAt(schedule, step))).toEqual([0.0001, 0.0001]);
    expect(() => exponential({from: 1, to: 0, steps: 4})).toThrow('exponential: to is 0, expected a number above 0');
    expect(() => valueAt({kind: 'exponential', from: -1, to: 1, steps: 4}, 0)).toThrow(
      'valueAt: schedule is {"kind":"exponential","from":-1,"to":1,"steps":4}, expected a number',
    );
  });

  it('cosine is half way in the middle', () => {
    const schedule = cosine({from: 2, to: 0, steps: 10});
    expect(valueAt(schedule, 0)).toBe(2);
    expect(valueAt(schedule, 5)).toBeCloseTo(1, 12);
    expect(valueAt(schedule, 20)).toBe(0);
  });

  it('warmup rises to what follows, which then begins at its own step 0', () => {
    const schedule = warmup({steps: 4, after: linear({from: 1, to: 0, steps: 2})});
    expect([0, 1, 2, 3, 4, 5, 6].map((step) => valueAt(schedule, step))).toEqual([0.25, 0.5, 0.75, 1, 1, 0.5, 0]);
  });

  it('a curve goes over into what follows, which then begins at its own step 0', () => {
    const schedule = linear({from: 0, to: 2, steps: 2, after: exponential({from: 2, to: 1, steps: 1, after: 5})});
    expect([0, 1, 2, 3, 9].map((step) => valueAt(schedule, step))).toEqual([0, 1, 2, 5, 5]);
    expect(linear({from: 0, to: 1, steps: 2})).toEqual({kind: 'linear', from: 0, to: 1, steps: 2});
    const wrong = {...linear({from: 0, to: 1, steps: 2}), after: Number.NaN};
    expect(() => valueAt(wrong, 0)).toThrow('valueAt: schedule is');
  });

  it('refuses steps that are no whole number above 0', () => {
    expect(() => linear({from: 0, to: 1, steps: 0})).toThrow(
      'linear: steps is 0, expected a whole number of at least 1',
    );
  });
});
