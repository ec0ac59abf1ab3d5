import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {applyDelta} from './apply-delta.js';
import {bitsOf, put, readBits} from './bits.js';
import {createDelta} from './create-delta.js';
import type {Delta, TensorChange} from './delta.js';
import {readDelta} from './read-delta.js';
import {writeDelta} from './write-delta.js';

type Model = {weights: Map<string, tf.Variable>};

/** Float32 from words: quiet and signalling NaNs with payloads, zeros, subnormals and infinities come through. */
const fromWords = (words: Iterable<number>) => new Float32Array(Uint32Array.from(words).buffer);
const SPECIAL = [0x7fc00001, 0x7f800001, 0xffc12345, 0xffbfffff, 0x80000000, 0, 1, 0x807fffff, 0x7f800000, 0xff800000];

function modelOf(tensors: Record<string, {shape: number[]; values: Float32Array}>): Model {
  const variables = Object.entries(tensors).map(([name, {shape, values}]) => {
    const value = tf.tensor(values.slice(), shape);
    const variable = tf.variable(value);
    value.dispose();
    return [name, variable] as const;
  });
  return {weights: new Map(variables)};
}

async function wordsOf({weights}: Model): Promise<Map<string, Uint32Array>> {
  const words = new Map<string, Uint32Array>();
  for (const [name, variable] of weights) words.set(name, await readBits(variable));
  return words;
}

let model: Model;
let seed: Map<string, Uint32Array>;
let tuned: Map<string, Uint32Array>;
let delta: Delta;
let tensorsBefore: number;

const changes: TensorChange[] = [
  {name: 'a', shape: [3, 5], positions: Uint32Array.of(0, 7, 8, 14), values: fromWords(SPECIAL.slice(0, 4))},
  {name: 'b', shape: [6], positions: Uint32Array.of(0, 1, 2, 3, 4, 5), values: fromWords(SPECIAL.slice(4))},
  {name: 'c', shape: [], positions: Uint32Array.of(0), values: Float32Array.of(2)},
];

beforeEach(async () => {
  tensorsBefore = tf.memory().numTensors;
  model = modelOf({
    a: {shape: [3, 5], values: fromWords([...SPECIAL, 0x3f800000, 3, 4, 5, 6])},
    untouched: {shape: [2], values: Float32Array.of(1, 2)},
    b: {shape: [6], values: fromWords(SPECIAL.slice(0, 6))},
    c: {shape: [], values: Float32Array.of(1)},
  });
  seed = await wordsOf(model);
  tuned = new Map(Array.from(seed, ([name, words]) => [name, words.slice()]));
  for (const {name, positions, values} of changes) put(tuned.get(name) ?? new Uint32Array(), positions, bitsOf(values));
  delta = readDelta(writeDelta(await createDelta(changes, {base: 'base', weights: model.weights})));
});

afterEach(() => {
  vi.unstubAllGlobals();
  tf.dispose([...model.weights.values()]);
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

const weight = (name: string): tf.Variable => {
  const variable = model.weights.get(name);
  if (variable === undefined) throw new Error(`no weight ${name}`);
  return variable;
};
/** That an action fails with this message and leaves the seed as it is. */
async function refuses(action: Promise<unknown>, message: string): Promise<void> {
  await expect(action).rejects.toThrow(message);
  expect(await wordsOf(model)).toEqual(seed);
}

describe('applyDelta', () => {
  it('starts from special values that the backend keeps', () => {
    expect([...(seed.get('a') ?? [])].slice(0, SPECIAL.length)).toEqual(SPECIAL);
  });

  it('puts the tuned values in, and revert the seed, bit for bit', async () => {
    const revert = await applyDelta(model, delta);
    expect(await wordsOf(model)).toEqual(tuned);
    await revert();
    expect(await wordsOf(model)).toEqual(seed);
  });

  it('can be applied again after a revert, and another delta too', async () => {
    const other = await createDelta(
      [{name: 'c', shape: [], positions: Uint32Array.of(0), values: Float32Array.of(9)}],
      {base: 'base', weights: model.weights},
    );
    for (const {next, c} of [
      {next: delta, c: 2},
      {next: other, c: 9},
      {next: delta, c: 2},
    ]) {
      const revert = await applyDelta(model, next);
      expect([...(await weight('c').data())]).toEqual([c]);
      await revert();
      expect(await wordsOf(model)).toEqual(seed);
    }
  });

  it('makes or keeps no tensor', async () => {
    const before = tf.memory();
    const revert = await applyDelta(model, delta);
    expect(tf.memory()).toMatchObject({numTensors: before.numTensors, numDataBuffers: before.numDataBuffers});
    await revert();
    expect(tf.memory()).toMatchObject({numTensors: before.numTensors, numDataBuffers: before.numDataBuffers});
  });

  it('leaves clones and reshapes of a weight as they are', async () => {
    const outstanding = [weight('a').clone(), tf.reshape(weight('a'), [15])];
    const revert = await applyDelta(model, delta);
    for (const copy of outstanding) expect(await readBits(copy)).toEqual(seed.get('a'));
    await revert();
    for (const copy of outstanding) expect(await readBits(copy)).toEqual(seed.get('a'));
    tf.dispose(outstanding);
  });

  it('keeps the variables', async () => {
    const before = [...model.weights.values()];
    await applyDelta(model, delta);
    expect([...model.weights.values()].every((variable, i) => variable === before[i])).toBe(true);
  });

  it('does not need Web Crypto where it does not verify', async () => {
    vi.stubGlobal('crypto', {});
    await refuses(applyDelta(model, delta), 'SHA-256 needs Web Crypto');
    const revert = await applyDelta(model, delta, {verify: false});
    expect(await wordsOf(model)).toEqual(tuned);
    await revert();
    expect(await wordsOf(model)).toEqual(seed);
  });

  it('lets one delta follow another where it does not verify', async () => {
    await applyDelta(model, delta);
    const revert = await applyDelta(model, {...delta, tensors: delta.tensors.slice(0, 1)}, {verify: false});
    await revert();
    expect(await wordsOf(model)).toEqual(tuned);
  });

  it('round-trips any words at any positions', async () => {
    const word = fc.oneof(fc.nat({max: 0xffffffff}), fc.constantFrom(...SPECIAL));
    const anyCase = fc.integer({min: 1, max: 70}).chain((size) =>
      fc.record({
        seeds: fc.array(word, {minLength: size, maxLength: size}),
        values: fc.array(word, {minLength: size, maxLength: size}),
        positions: fc.subarray([...Array(size).keys()], {minLength: 1}),
      }),
    );
    await fc.assert(
      fc.asyncProperty(anyCase, async ({seeds, values, positions}) => {
        const chosen = values.slice(0, positions.length);
        fc.pre(positions.some((position, i) => seeds[position] !== chosen[i]));
        const one = modelOf({w: {shape: [seeds.length], values: fromWords(seeds)}});
        const change = {name: 'w', shape: [seeds.length], positions: Uint32Array.from(positions)};
        const made = await createDelta([{...change, values: fromWords(chosen)}], {base: '', weights: one.weights});
        const revert = await applyDelta(one, readDelta(writeDelta(made)));
        const wanted = Uint32Array.from(seeds);
        put(wanted, change.positions, Uint32Array.from(chosen));
        expect((await wordsOf(one)).get('w')).toEqual(wanted);
        await revert();
        expect((await wordsOf(one)).get('w')).toEqual(Uint32Array.from(seeds));
        tf.dispose([...one.weights.values()]);
      }),
    );
  });
});

describe("applyDelta with verify: 'all'", () => {
  const assign = (name: string, ...values: number[]) => {
    const value = tf.tensor(values, weight(name).shape);
    weight(name).assign(value);
    value.dispose();
  };
  const message = (count: number) =>
    new RegExp(
      `^delta: SHA-256 of the model's ${count} weights is [0-9a-f]{64}, expected ${delta.seedSha256}, the seed's`,
    );

  it('applies to the seed, and keeps no tensor', async () => {
    const {numTensors} = tf.memory();
    const revert = await applyDelta(model, delta, {verify: 'all'});
    expect(await wordsOf(model)).toEqual(tuned);
    expect(tf.memory().numTensors).toBe(numTensors);
    await revert();
    expect(await wordsOf(model)).toEqual(seed);
  });

  it("refuses weights of which one is not the seed's though the delta does not change it", async () => {
    assign('untouched', 1, 2.0000002);
    seed = await wordsOf(model);
    await refuses(applyDelta(model, delta, {verify: 'all'}), `weights is `);
    await expect(applyDelta(model, delta, {verify: 'all'})).rejects.toThrow(message(4));
    const {numTensors} = tf.memory();
    await (await applyDelta(model, delta))(); // which nobody asked about
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('refuses a model with a weight more, less or by another name', async () => {
    const {weights} = model;
    const all = {verify: 'all'} as const;
    const less = new Map([...weights].filter(([name]) => name !== 'untouched'));
    await expect(applyDelta({weights: less}, delta, all)).rejects.toThrow(message(3));
    const more = new Map([...weights, ['more', weight('untouched')]]);
    await expect(applyDelta({weights: more}, delta, all)).rejects.toThrow(message(5));
    const renamed = new Map([...less, ['renamed', weight('untouched')]]);
    await refuses(applyDelta({weights: renamed}, delta, all), 'differs, is missing or is one too many');
  });

  it('refuses a weight that is assigned to while it reads', async () => {
    const applying = applyDelta(model, delta, {verify: 'all'});
    assign('untouched', 1, 2);
    await refuses(applying, 'untouched: the weight was assigned to meanwhile; nothing is changed');
  });

  it('names a weight that cannot be read', async () => {
    const weights = new Map([...model.weights, ['x', tf.tidy(() => tf.variable(tf.tensor1d(['a'])))]]);
    await refuses(applyDelta({weights}, delta, {verify: 'all'}), "x: the model's weight is string, expected numbers");
    weights.get('x')?.dispose();
  });

  it('follows deltas that were applied before, each with the seed that it was tuned from', async () => {
    const revert = await applyDelta(model, delta, {verify: 'all'});
    const change = {name: 'untouched', shape: [2], positions: Uint32Array.of(0), values: Float32Array.of(9)};
    const second = await createDelta([change], {base: 'base + delta', weights: model.weights});
    const revertSecond = await applyDelta(model, readDelta(writeDelta(second)), {verify: 'all'});
    await expect(applyDelta(model, second, {verify: 'all'})).rejects.toThrow('untouched: SHA-256 of the weight is');
    await revertSecond();
    await revert();
    await refuses(applyDelta(model, second, {verify: 'all'}), `expected ${second.seedSha256}, the seed's`);
  });
});

describe('applyDelta refuses, and changes nothing', () => {
  it('a wrong seed, with both hashes', async () => {
    const [first, ...rest] = delta.tensors;
    const last = rest[rest.length - 1];
    const wrong = {...last, seedSha256: first.seedSha256};
    await refuses(
      applyDelta(model, {...delta, tensors: [first, ...rest.slice(0, -1), wrong]}),
      `${last.name}: SHA-256 of the weight is ${last.seedSha256}, expected ${first.seedSha256}`,
    );
  });

  it('a seed that differs in one bit of an entry that the delta does not touch', async () => {
    const words = seed.get('a')?.slice() ?? new Uint32Array();
    words[4] ^= 0x80000000; // −0 becomes 0
    const value = tf.tensor(new Float32Array(words.buffer), [3, 5]);
    weight('a').assign(value);
    value.dispose();
    seed.set('a', words);
    await refuses(applyDelta(model, delta), 'a: SHA-256 of the weight is');
  });

  it('a second application', async () => {
    await applyDelta(model, delta);
    await expect(applyDelta(model, delta)).rejects.toThrow('SHA-256 of the weight is');
    expect(await wordsOf(model)).toEqual(tuned);
  });

  it('values that are not the tuned ones', async () => {
    const [first, ...rest] = delta.tensors;
    const values = first.values.slice();
    bitsOf(values)[0] ^= 1;
    await refuses(
      applyDelta(model, {...delta, tensors: [{...first, values}, ...rest]}),
      `expected ${delta.tunedSha256}; the delta is damaged`,
    );
  });

  it('an unknown name, another shape, another dtype, a weight twice', async () => {
    const [first, ...rest] = delta.tensors;
    const {weights} = model;
    const without = new Map([...weights].filter(([name]) => name !== rest[0].name));
    await refuses(applyDelta({weights: without}, delta), `${rest[0].name}: the model has no weight of this name`);
    await refuses(
      applyDelta(model, {...delta, tensors: [...rest, {...first, name: '__proto__'}]}),
      '__proto__: the model has no weight of this name',
    );
    await refuses(applyDelta({weights: new Map([...weights, ['c', weight('b')]])}, delta), "expected the model's [6]");
    const whole = tf.tidy(() => tf.variable(tf.scalar(1, 'int32')));
    await refuses(applyDelta({weights: new Map([...weights, ['c', whole]])}, delta), "c: the model's weight is int32");
    whole.dispose();
    const tied = new Map([...weights, ['d', weight('a')]]);
    const a = delta.tensors.filter(({name}) => name === 'a');
    await refuses(
      applyDelta({weights: tied}, {...delta, tensors: [...a, ...a.map((tensor) => ({...tensor, name: 'd'}))]}),
      'd: this weight is changed twice',
    );
    await refuses(applyDelta(model, {...delta, tensors: [...a, ...a]}), 'a: the delta has this tensor twice');
  });

  it('positions that only a delta made by hand can have', async () => {
    const [a] = delta.tensors.filter(({name}) => name === 'a');
    const outside = {...a, positions: Uint32Array.of(0, 1, 2, 15)};
    await refuses(applyDelta(model, {...delta, tensors: [outside]}, {verify: false}), 'a: position 15 lies outside');
  });

  it('a disposed weight', async () => {
    const gone = tf.tidy(() => tf.variable(tf.scalar(1)));
    gone.dispose();
    await refuses(
      applyDelta({weights: new Map([...model.weights, ['c', gone]])}, delta),
      "c: the model's weight is disposed",
    );
  });

  it('a weight that is assigned to while it reads', async () => {
    const applying = applyDelta(model, delta);
    const value = tf.scalar(5);
    weight('c').assign(value);
    value.dispose();
    await expect(applying).rejects.toThrow(/^c: /);
    seed.set('c', await readBits(weight('c')));
    expect(await wordsOf(model)).toEqual(seed);
  });

  it('the second of two applications at once', async () => {
    const results = await Promise.allSettled([applyDelta(model, delta), applyDelta(model, delta)]);
    expect(results.map(({status}) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await wordsOf(model)).toEqual(tuned);
  });
});

describe('revert refuses, and changes nothing', () => {
  it('to be called twice', async () => {
    const revert = await applyDelta(model, delta);
    await revert();
    await expect(revert()).rejects.toThrow('the delta is reverted already');
    expect(await wordsOf(model)).toEqual(seed);
  });

  it('to be called twice at once', async () => {
    const revert = await applyDelta(model, delta);
    const results = await Promise.allSettled([revert(), revert()]);
    expect(results.map(({status}) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await wordsOf(model)).toEqual(seed);
  });

  it.each([
    [true, /^c: the weight has SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}: what was done to it since must be undone/],
    [false, /^c: the weight holds other values at the positions that the delta changed: what was done to it since/],
  ])('weights that hold something else since, again and again (verify: %s)', async (verify, message) => {
    const revert = await applyDelta(model, delta, {verify});
    const value = tf.add(weight('c'), 1);
    weight('c').assign(value);
    value.dispose();
    const before = await wordsOf(model);
    await expect(revert()).rejects.toThrow(message);
    await expect(revert()).rejects.toThrow(message);
    expect(await wordsOf(model)).toEqual(before);
    const back = tf.sub(weight('c'), 1);
    weight('c').assign(back);
    back.dispose();
    await revert();
    expect(await wordsOf(model)).toEqual(seed);
  });

  it('weights that are assigned to while it reads', async () => {
    const revert = await applyDelta(model, delta);
    const reverting = revert();
    const value = tf.scalar(5);
    weight('c').assign(value);
    value.dispose();
    await expect(reverting).rejects.toThrow('c: the weight was assigned to meanwhile; nothing is changed');
    expect((await wordsOf(model)).get('a')).toEqual(tuned.get('a'));
  });

  it('disposed weights', async () => {
    const revert = await applyDelta(model, delta);
    weight('c').dispose();
    await expect(revert()).rejects.toThrow('c: the weight is disposed');
    model.weights.delete('c');
    expect((await wordsOf(model)).get('a')).toEqual(tuned.get('a'));
  });
});

describe('a damaged file', () => {
  it('is refused at every byte, or gives the very same weights', async () => {
    const file = writeDelta(delta);
    const random = fc.sample(fc.integer({min: 1, max: 255}), {numRuns: file.length, seed: 1});
    let same = 0;
    for (let at = 0; at < file.length; at++) {
      const damaged = file.slice();
      damaged[at] ^= random[at];
      let revert: () => Promise<void>;
      try {
        revert = await applyDelta(model, readDelta(damaged), {verify: 'all'});
      } catch (error) {
        expect(Object(error).constructor).toBe(Error);
        continue;
      }
      same++;
      expect(await wordsOf(model)).toEqual(tuned);
      await revert();
    }
    expect(await wordsOf(model)).toEqual(seed);
    // The base's name is the only thing that nothing checks.
    expect(same).toBeLessThanOrEqual('base'.length);
  });
});
