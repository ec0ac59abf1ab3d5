import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {applyDelta, type Revert} from './apply-delta.js';
import {createDelta} from './create-delta.js';
import type {Delta} from './delta.js';

let weights: Map<string, tf.Variable>;
beforeEach(() => {
  const variable = (values: number[]) => {
    const value = tf.tensor1d(values);
    const made = tf.variable(value);
    value.dispose();
    return made;
  };
  weights = new Map([
    ['v', variable([1, 2, 3, 4])],
    ['w', variable([5, 6])],
  ]);
});
afterEach(() => tf.disposeVariables());

/** The delta that puts these values at these positions, made of the weights as they are. */
function deltaOf(name: string, entries: Record<number, number>): Promise<Delta> {
  const positions = Uint32Array.from(Object.keys(entries), Number);
  const values = Float32Array.from(Object.values(entries));
  const shape = weights.get(name)?.shape ?? [];
  return createDelta([{name, shape, positions, values}], {base: 'base', weights});
}

const values = async () => Object.fromEntries(await Promise.all(Array.from(weights, read)));
const read = async ([name, weight]: [string, tf.Variable]) => [name, [...(await weight.data())]] as const;

describe.each([true, false])('deltas one on the other (verify: %s)', (verify) => {
  it.each<[string, [string, Record<number, number>][]]>([
    [
      'at other positions',
      [
        ['v', {0: 10}],
        ['v', {1: 20}],
      ],
    ],
    [
      'at the same position',
      [
        ['v', {0: 10, 1: 11}],
        ['v', {1: 20}],
        ['v', {1: 21, 3: 22}],
      ],
    ],
    [
      'with the same value at the same position',
      [
        ['v', {0: 10, 1: 11}],
        ['v', {1: 11, 2: 12}],
      ],
    ],
    [
      'of other weights',
      [
        ['v', {0: 10}],
        ['w', {0: 20}],
      ],
    ],
    [
      'of the whole weight',
      [
        ['w', {0: 10, 1: 20}],
        ['w', {0: 11, 1: 21}],
        ['w', {1: 6}],
      ],
    ],
  ])('come off last first: %s', async (_, stack) => {
    const states = [await values()];
    const reverts: Revert[] = [];
    for (const [name, entries] of stack) {
      reverts.push(await applyDelta({weights}, await deltaOf(name, entries), {verify}));
      states.push(await values());
    }
    for (const revert of reverts.reverse()) {
      expect(await values()).toEqual(states.pop());
      await revert();
    }
    expect(await values()).toEqual(states.pop());
  });

  it('refuse the wrong order by name, change nothing, and come off in the right one', async () => {
    const seed = await values();
    const revertA = await applyDelta({weights}, await deltaOf('v', {0: 10, 1: 11}), {verify});
    const revertB = await applyDelta({weights}, await deltaOf('v', {1: 20}), {verify});
    await expect(revertA()).rejects.toThrow(/^v: the weight .* what was done to it since must be undone first/);
    expect(await values()).toEqual({v: [10, 20, 3, 4], w: [5, 6]});
    await revertB();
    await expect(revertB()).rejects.toThrow('the delta is reverted already');
    await revertA();
    expect(await values()).toEqual(seed);
  });

  it('refuse the wrong order though both are asked at once', async () => {
    const revertA = await applyDelta({weights}, await deltaOf('v', {1: 11}), {verify});
    const revertB = await applyDelta({weights}, await deltaOf('v', {1: 20}), {verify});
    const results = await Promise.allSettled([revertB(), revertA()]);
    expect(results.map(({status}) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await values()).toEqual({v: [1, 11, 3, 4], w: [5, 6]});
  });

  it('take a weight that was saved and restored for what it is', async () => {
    const seed = await values();
    const revert = await applyDelta({weights}, await deltaOf('v', {1: 11}), {verify});
    const restored = tf.tensor1d([1, 11, 3, 4]);
    weights.get('v')?.assign(restored);
    restored.dispose();
    await revert();
    expect(await values()).toEqual(seed);
  });
});

it('deltas at positions apart come off in any order where nothing is verified', async () => {
  const seed = await values();
  const revertA = await applyDelta({weights}, await deltaOf('v', {0: 10}), {verify: false});
  const revertB = await applyDelta({weights}, await deltaOf('v', {1: 20}), {verify: false});
  await revertA();
  expect((await values()).v).toEqual([1, 20, 3, 4]);
  await revertB();
  expect(await values()).toEqual(seed);
});

it('any stack comes off to the seed', async () => {
  const seed = await values();
  const layer = fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.integer({min: 5, max: 9}), {minKeys: 1});
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(layer, fc.boolean()), {minLength: 1, maxLength: 5}), async (stack) => {
      const reverts: Revert[] = [];
      for (const [entries, verify] of stack) {
        const now = (await values()).v;
        // A delta of no change at all is refused: it looks like one of tuned weights without seeds.
        if (Object.entries(entries).every(([at, value]) => now[Number(at)] === value)) continue;
        reverts.push(await applyDelta({weights}, await deltaOf('v', entries), {verify}));
      }
      for (const revert of reverts.reverse()) await revert();
      expect(await values()).toEqual(seed);
    }),
    {numRuns: 20},
  );
});
