import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readFile} from '../../../test/read-file.js';
import {applyDelta} from './apply-delta.js';
import {bitsOf, put, readBits} from './bits.js';
import {createDelta} from './create-delta.js';
import {readDelta} from './read-delta.js';
import {writeDelta} from './write-delta.js';

// The files of ../golden/make_delta.py, and what that script put into them.
const file = await readFile(new URL('../golden/delta.safetensors', import.meta.url));
const older = await readFile(new URL('../golden/delta-without-seed.safetensors', import.meta.url));
const SPECIAL = [0x7fc00001, 0x7f800001, 0xffc12345, 0xffbfffff, 0x80000000, 0, 1, 0x807fffff, 0x7f800000, 0xff800000];
const words = (count: number, factor: number) =>
  Uint32Array.from({length: count}, (_, i) => SPECIAL[i] ?? Math.imul(i, factor) >>> 0);
const golden = [
  {name: 'norm.weight', shape: [40], positions: [0, 1, 39]},
  {name: 'embed/größe', shape: [30, 700], positions: [5, 132, 133, 261, 16645, 16646, 20999]},
  {name: 'all', shape: [3, 4], positions: [...Array(12).keys()]},
  {name: 'scalar', shape: [], positions: [0]},
].map(({name, shape, positions}) => {
  const size = tf.util.sizeFromShape(shape);
  const seed = words(size, 2654435761);
  const values = words(positions.length, 2246822519).reverse();
  const tuned = seed.slice();
  put(tuned, Uint32Array.from(positions), values);
  return {name, shape, positions: Uint32Array.from(positions), seed, values, tuned};
});

function model(key: 'seed' | 'tuned'): Map<string, tf.Variable> {
  const changed = golden.map((tensor) => {
    const value = tf.tensor(new Float32Array(tensor[key].slice().buffer), tensor.shape);
    return [tensor.name, value] as const;
  });
  const untouched = [
    ['größe "x"\n', tf.tensor2d([[1.5, -0, 3]])],
    ['none', tf.zeros([0, 2])],
    ['steps', tf.tensor1d([7, -7], 'int32')],
    ['done', tf.scalar(true)],
  ] as const;
  return new Map(
    [...untouched, ...changed].map(([name, value]) => {
      const variable = tf.variable(value);
      value.dispose();
      return [name, variable];
    }),
  );
}

let weights: Map<string, tf.Variable>;
beforeEach(() => {
  weights = model('seed');
});
afterEach(() => tf.disposeVariables());

function found(name: string): tf.Variable {
  const variable = weights.get(name);
  if (variable === undefined) throw new Error(`no ${name}`);
  return variable;
}

it('reads what Python wrote', () => {
  const delta = readDelta(file);
  expect(delta.base).toBe('golden/größe');
  const byName = new Map(delta.tensors.map((tensor) => [tensor.name, tensor]));
  expect(byName.size).toBe(golden.length);
  for (const {name, shape, positions, values, seed} of golden) {
    const read = byName.get(name);
    expect(read).toMatchObject({shape, positions: positions.length === seed.length ? 'all' : positions});
    expect(bitsOf(read?.values ?? new Float32Array())).toEqual(values);
  }
});

it('creates what Python wrote, of tuned weights and the values that they had', async () => {
  weights = model('tuned');
  const changes = golden.map(({name, shape, positions, values, seed}) => ({
    name,
    shape,
    positions,
    values: new Float32Array(values.slice().buffer),
    seeds: new Float32Array(Uint32Array.from(positions, (position) => seed[position]).buffer),
  }));
  const delta = await createDelta(changes, {base: 'golden/größe', weights});
  const wanted = readDelta(file);
  expect(delta).toMatchObject({seedSha256: wanted.seedSha256, tunedSha256: wanted.tunedSha256});
  expect(new Map(delta.tensors.map((tensor) => [tensor.name, tensor]))).toEqual(
    new Map(wanted.tensors.map((tensor) => [tensor.name, tensor])),
  );
});

it.each(['all', true, false] as const)('applies what Python wrote, and reverts it, bit for bit', async (verify) => {
  const revert = await applyDelta({weights}, readDelta(file), {verify});
  for (const {name, tuned} of golden) expect(await readBits(found(name))).toEqual(tuned);
  await revert();
  for (const {name, seed} of golden) expect(await readBits(found(name))).toEqual(seed);
});

describe('a file without a fingerprint of the whole seed', () => {
  it('is the same delta but for that, and is written as it was', () => {
    const {seedSha256, ...rest} = readDelta(file);
    const byName = (delta: typeof rest) => ({...delta, tensors: new Map(delta.tensors.map((t) => [t.name, t]))});
    expect(seedSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(byName(readDelta(older))).toStrictEqual(byName(rest));
    expect(readDelta(writeDelta(readDelta(older)))).toStrictEqual(readDelta(older));
  });

  it('is applied, but not where all weights are to be verified', async () => {
    await expect(applyDelta({weights}, readDelta(older), {verify: 'all'})).rejects.toThrow(
      "applyDelta: verify is 'all', but the delta is an older one, without a fingerprint of the whole seed",
    );
    for (const {name, seed} of golden) expect(await readBits(found(name))).toEqual(seed);
    await applyDelta({weights}, readDelta(older));
    for (const {name, tuned} of golden) expect(await readBits(found(name))).toEqual(tuned);
  });
});
