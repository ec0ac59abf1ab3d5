import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {nextGridStep, type TriedRate} from './grid.js';

/** Follows the rule to its end, on a curve of losses by the logarithm of the rate. */
function follow(lossAt: (log: number) => number): {best: number; tried: TriedRate[]} {
  const tried: TriedRate[] = [];
  for (;;) {
    const step = nextGridStep(tried);
    if ('best' in step) return {best: step.best, tried};
    for (const learningRate of step.attempt) tried.push({learningRate, loss: lossAt(Math.log10(learningRate))});
  }
}

describe('nextGridStep', () => {
  it('begins with the same three rates and stays where the best is between', () => {
    const {best, tried} = follow((log) => (log + 2) ** 2);
    expect(best).toBe(0.01);
    expect(tried.map(({learningRate}) => learningRate)).toEqual([0.003, 0.01, 0.03]);
  });

  it('grows, a rate at a time, until the best lies inside', () => {
    const up = follow((log) => (log - 0.6) ** 2);
    expect(up.best).toBe(3);
    expect(up.tried.map(({learningRate}) => learningRate)).toEqual([0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]);
    const down = follow((log) => (log + 4.1) ** 2);
    expect(down.best).toBe(1e-4);
    expect(down.tried.map(({learningRate}) => learningRate)).toEqual([0.003, 0.01, 0.03, 1e-3, 3e-4, 1e-4, 3e-5]);
  });

  it('ends with a rate that has a worse one on both sides, or as bad a one above it', () => {
    fc.assert(
      fc.property(fc.double({min: -7, max: 2.4, noNaN: true}), fc.double({min: 0, max: 4, noNaN: true}), (at, edge) => {
        // Steep above: from some rate on tuning fails.
        const {best, tried} = follow((log) => (log > at + edge ? Number.NaN : Math.abs(log - at)));
        const sorted = [...tried].sort((a, b) => a.learningRate - b.learningRate);
        const place = sorted.findIndex(({learningRate}) => learningRate === best);
        expect(place).toBeGreaterThan(0);
        expect(place).toBeLessThan(sorted.length - 1);
        expect(sorted[place - 1].loss).not.toBeLessThanOrEqual(sorted[place].loss);
        // To a ten-thousandth.
        expect(sorted[place + 1].loss).not.toBeLessThan(sorted[place].loss * (1 - 1e-4));
      }),
    );
  });

  it('looks below a hill, and not above one', () => {
    const along = (losses: Readonly<Record<string, number>>) => {
      const {best, tried} = follow((log) => losses[Number((10 ** log).toPrecision(1))] ?? Number.NaN);
      return [best, tried.map(({learningRate}) => learningRate)];
    };
    const below = along({3e-4: 0.96, 0.001: 0.75, 0.003: 1.5, 0.01: 6.8, 0.03: 1.04, 0.1: 27.6});
    expect(below).toEqual([0.001, [0.003, 0.01, 0.03, 0.001, 0.1, 3e-4]]);
    const above = along({0.001: 0.88, 0.003: 0.8, 0.01: 2.3, 0.03: 1.4, 0.1: 0.72, 0.3: 3.3});
    expect(above).toEqual([0.003, [0.003, 0.01, 0.03, 0.001]]);
  });

  it('looks below rates that all break the model, whatever their rounding', () => {
    const {best, tried} = follow((log) => (log > -2.9 ? 5.10227 - 1e-7 * Math.sin(10 * log) : 3 + (log + 3.2) ** 2));
    expect(best).toBe(1e-3);
    expect(tried.map(({learningRate}) => learningRate)).toEqual([0.003, 0.01, 0.03, 1e-3, 3e-4]);
  });

  it('says so where there is no end to it', () => {
    expect(() => follow((log) => log)).toThrow('the best learning rate is 1e-8, at the end of all that are tried');
    expect(() => follow((log) => -log)).toThrow('the best learning rate is 1000, at the end of all that are tried');
    expect(() => follow(() => Number.NaN)).toThrow(RangeError);
  });
});
