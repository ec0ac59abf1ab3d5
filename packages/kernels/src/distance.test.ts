import {describe, expect, it} from 'vitest';
import {DEFAULT_ETA, distanceBetween, SMALLEST_NORMAL} from './distance.js';

describe('distanceBetween', () => {
  it('is what its name says', () => {
    expect(distanceBetween(3, -1, 'absolute', DEFAULT_ETA)).toBe(4);
    expect(distanceBetween(3, -1, 'relative', 1)).toBe(2);
    expect(distanceBetween(3, -2, 'weighted', DEFAULT_ETA)).toBe(10);
  });

  it('takes what is subnormal for zero, on the way too', () => {
    expect(distanceBetween(SMALLEST_NORMAL / 2, 0, 'absolute', 0)).toBe(0);
    expect(distanceBetween(SMALLEST_NORMAL, SMALLEST_NORMAL / 2, 'absolute', 0)).toBe(SMALLEST_NORMAL);
    // The difference alone is subnormal; times |b| it would not be.
    expect(distanceBetween(4 * SMALLEST_NORMAL, 4.5 * SMALLEST_NORMAL, 'absolute', 0)).toBe(0);
    expect(distanceBetween(1 + 2 ** -23, 1, 'weighted', 0)).toBe(2 ** -23);
    expect(distanceBetween(1.5 * SMALLEST_NORMAL, SMALLEST_NORMAL, 'relative', 0)).toBe(0);
    expect(distanceBetween(0.5, SMALLEST_NORMAL, 'weighted', 0)).toBe(0);
  });

  it('is zero where the proposal is not finite or nothing sensible comes out', () => {
    for (const a of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(distanceBetween(a, 1, 'absolute', 0)).toBe(0);
    }
    expect(distanceBetween(0, 0, 'relative', 0)).toBe(0);
    expect(distanceBetween(1, Number.NaN, 'absolute', 0)).toBe(0);
    expect(distanceBetween(1, Number.POSITIVE_INFINITY, 'relative', 0)).toBe(0);
  });

  it('may be infinite, which is farther than all else', () => {
    expect(distanceBetween(Math.fround(3e38), Math.fround(-3e38), 'absolute', 0)).toBe(Number.POSITIVE_INFINITY);
    expect(distanceBetween(1, 0, 'relative', 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('rounds to float32 after every operation', () => {
    const a = Math.fround(0.1);
    const b = Math.fround(-0.3);
    const difference = Math.fround(a - b);
    expect(distanceBetween(a, b, 'weighted', 0)).toBe(Math.fround(difference * -b));
    expect(distanceBetween(a, b, 'relative', 0.1)).toBe(Math.fround(difference / Math.fround(-b + Math.fround(0.1))));
  });
});
