import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {batchesByTokens} from './batches-by-tokens.js';

const lengthOf = (row: {length: number}) => row.length;

function onePass(examples: {length: number}[], tokens: number, seed: number): {length: number}[][] {
  const batches: {length: number}[][] = [];
  let rows = 0;
  for (const batch of batchesByTokens(examples, {tokens, seed, lengthOf})) {
    batches.push(batch);
    rows += batch.length;
    if (rows >= examples.length) return batches;
  }
  return batches;
}

describe('batchesByTokens', () => {
  it('yields every example once a pass, never more tokens than asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({min: 1, max: 20}), {minLength: 1}), fc.integer(), (lengths, seed) => {
        const examples = lengths.map((length) => ({length}));
        const batches = onePass(examples, 32, seed);
        expect(new Set(batches.flat())).toEqual(new Set(examples));
        expect(batches.flat().length).toBe(examples.length);
        for (const batch of batches) {
          expect(batch.length * Math.max(...batch.map(lengthOf))).toBeLessThanOrEqual(32);
        }
      }),
    );
  });

  it('puts rows of like length together', () => {
    const examples = Array.from({length: 1000}, (_, i) => ({length: 1 + (i % 10)}));
    const padded = onePass(examples, 100, 3).map((batch) => batch.length * Math.max(...batch.map(lengthOf)));
    const filled = 5500 / padded.reduce((a, b) => a + b);
    expect(filled).toBeGreaterThan(0.97);
  });

  it('repeats itself for the same seed and differs for another', () => {
    const examples = Array.from({length: 200}, (_, i) => ({length: 1 + (i % 7), name: i}));
    expect(onePass(examples, 40, 1)).toEqual(onePass(examples, 40, 1));
    expect(onePass(examples, 40, 1)).not.toEqual(onePass(examples, 40, 2));
  });

  it('shuffles anew in the next pass', () => {
    const examples = Array.from({length: 50}, () => ({length: 1}));
    const stream = batchesByTokens(examples, {tokens: 50, seed: 1, lengthOf});
    const [first, second] = [stream.next().value, stream.next().value];
    expect(first.map((example) => examples.indexOf(example))).not.toEqual(
      second.map((example) => examples.indexOf(example)),
    );
    expect(new Set(second)).toEqual(new Set(first));
  });

  it('refuses what it cannot batch', () => {
    const take = (examples: {length: number}[], tokens: number) =>
      batchesByTokens(examples, {tokens, seed: 1, lengthOf}).next();
    expect(() => take([], 8)).toThrow('got none');
    expect(() => take([{length: 1}], 0)).toThrow('tokens is 0');
    expect(() => take([{length: 1}, {length: 9}], 8)).toThrow("example 1 has 9 tokens, expected at most the batch's 8");
  });
});
