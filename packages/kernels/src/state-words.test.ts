import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {elementsPerWord, joinWords, splitWords} from './state-words.js';

describe('words of the state', () => {
  it('take two elements where int32 is held in float32, and one elsewhere', () => {
    expect(['cpu', 'wasm', 'webgl', 'webgpu', 'tensorflow'].map((name) => elementsPerWord(name))).toEqual([
      1, 1, 2, 1, 1,
    ]);
  });

  it('are split into halves that float32 holds exactly, low half first', () => {
    expect([...splitWords(Int32Array.of(0x12345678, -1, 1 << 31), 2)]).toEqual([
      0x5678, 0x1234, 0xffff, 0xffff, 0, 0x8000,
    ]);
    expect([...splitWords(Int32Array.of(-1), 1)]).toEqual([-1]);
  });

  it('are joined again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({min: -(2 ** 31), max: 2 ** 31 - 1})),
        fc.constantFrom(1, 2),
        (words, perWord) => {
          const array = Int32Array.from(words);
          expect(joinWords(splitWords(array, perWord), perWord)).toEqual(array);
        },
      ),
    );
  });
});
