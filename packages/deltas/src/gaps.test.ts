import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {decodeGaps, encodeGaps} from './gaps.js';

const ascending = (size: number, maxLength: number) =>
  fc.uniqueArray(fc.nat({max: size - 1}), {maxLength}).map((positions) => Uint32Array.from(positions).sort());

describe('encodeGaps', () => {
  it.each([
    [[], []],
    [[0], [0]],
    [
      [0, 1, 2],
      [0, 0, 0],
    ],
    [
      [127, 255],
      [127, 127],
    ],
    [[128], [0x80, 1]],
    [
      [5, 16390],
      [5, 0x80, 0x80, 1],
    ],
    [[2 ** 32 - 1], [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('packs %j', (positions, bytes) => {
    expect([...encodeGaps(Uint32Array.from(positions))]).toEqual(bytes);
  });

  it.each([10, 1000, 2 ** 20, 2 ** 32])('is undone by decodeGaps in a tensor of %d', (size) => {
    fc.assert(
      fc.property(ascending(size, 200), (positions) => {
        expect(decodeGaps('w', encodeGaps(positions), positions.length, size)).toEqual(positions);
      }),
    );
  });
});

describe('decodeGaps', () => {
  it.each([
    ['a count without bytes', [], 1, 10, '0 bytes of gaps, expected at least 1'],
    ['an enormous count', [0, 0], 2 ** 31, 2 ** 32, '2 bytes of gaps, expected at least 2147483648'],
    ['a number that is cut off', [0x80], 1, 1000, 'the gaps end at position 0'],
    ['too few numbers', [0x80, 1], 2, 1000, 'the gaps end at position 1'],
    ['too many numbers', [1, 1], 1, 10, '2 bytes of gaps, expected 1 for 1 positions'],
    ['a position at the end', [10], 1, 10, 'position 0 lies outside'],
    ['a later position outside', [9, 0], 2, 10, 'position 1 lies outside'],
    ['a number above 32 bits', [0xff, 0xff, 0xff, 0xff, 0x1f], 1, 2 ** 32, 'position 0 lies outside'],
    ['a number that could be shorter', [0x81, 0], 1, 10, 'written longer than it must be'],
    ['a number of endless zeros', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], 1, 10, 'written longer'],
    ['any position in an empty tensor', [0], 1, 0, 'position 0 lies outside'],
  ])('refuses %s', (_, bytes, count, size, message) => {
    expect(() => decodeGaps('w', Uint8Array.from(bytes), count, size)).toThrow(message);
  });

  it('gives ascending positions inside the tensor, the only bytes for them, or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 40}), fc.nat(40), fc.integer({min: 0, max: 5000}), (bytes, count, size) => {
        let positions: Uint32Array;
        try {
          positions = decodeGaps('w', bytes, count, size);
        } catch (error) {
          expect(String(error)).toMatch(/^Error: w: /);
          return;
        }
        expect(encodeGaps(positions)).toEqual(bytes);
        expect(positions.length).toBe(count);
        positions.forEach((position, i) => {
          expect(position).toBeLessThan(size);
          if (i > 0) expect(position).toBeGreaterThan(positions[i - 1]);
        });
      }),
      {numRuns: 2000},
    );
  });
});
