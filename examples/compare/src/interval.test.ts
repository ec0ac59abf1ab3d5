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

  it('leaves that of a loss as it is', () => {
    const {high} = figureInterval('loss', [98, 100, 100]);
    expect(high).toBeCloseTo(102.20178, 4);
  });
});
