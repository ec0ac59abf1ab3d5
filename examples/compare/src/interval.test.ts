import {describe, expect, it} from 'vitest';
import {figureInterval} from './interval.js';

describe('figureInterval', () => {
  // scipy.stats.t.interval(0.95, 2, mean, sem) of 98, 100, 100 is (96.46489, 102.20178).
  it('does not reach beyond what a percentage can be', () => {
    const {low, high} = figureInterval('accuracy', [98, 100, 100]);
    expect(low).toBeCloseTo(96.46489, 4);
    expect(high).toBe(100);
    expect(figureInterval('accuracy', [0, 0, 6]).low).toBe(0);
    expect(figureInterval('formal', [0.98, 1, 1]).high).toBe(1);
  });

  it('of a loss ends below alone', () => {
    expect(figureInterval('loss', [98, 100, 100]).high).toBeCloseTo(102.20178, 4);
    expect(figureInterval('loss', [0.1, 0.1, 3]).low).toBe(0);
  });
});
