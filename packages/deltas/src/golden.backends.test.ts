import * as tf from '@tensorflow/tfjs-core';
import {expect, it} from 'vitest';
import {readFile} from '../../../test/read-file.js';
import {applyDelta} from './apply-delta.js';
import {bitsOf, put, readBits} from './bits.js';
import {createDelta} from './create-delta.js';
import {readDelta} from './read-delta.js';

// The file of ../golden/make_delta.py, and what that script put into it.
const file = await readFile(new URL('../golden/delta.safetensors', import.meta.url));
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
  return new Map(
    golden.map((tensor) => {
      const value = tf.tensor(new Float32Array(tensor[key].slice().buffer), tensor.shape);
      const variable = tf.variable(value);
      value.dispose();
      return [tensor.name, variable];
    }),
  );
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
  const weights = model('tuned');
  const changes = golden.map(({name, shape, positions, values, seed}) => ({
    name,
    shape,
    positions,
    values: new Float32Array(values.slice().buffer),
    seeds: new Float32Array(Uint32Array.from(positions, (position) => seed[position]).buffer),
  }));
  const delta = await createDelta(changes, {base: 'golden/größe', weights});
  const wanted = readDelta(file);
  expect(delta.tunedSha256).toBe(wanted.tunedSha256);
  expect(new Map(delta.tensors.map((tensor) => [tensor.name, tensor]))).toEqual(
    new Map(wanted.tensors.map((tensor) => [tensor.name, tensor])),
  );
  tf.dispose([...weights.values()]);
});

it('applies what Python wrote, and reverts it, bit for bit', async () => {
  const weights = model('seed');
  const revert = await applyDelta({weights}, readDelta(file));
  for (const {name, tuned} of golden) expect(await readBits(found(weights, name))).toEqual(tuned);
  await revert();
  for (const {name, seed} of golden) expect(await readBits(found(weights, name))).toEqual(seed);
  tf.dispose([...weights.values()]);
});

function found(weights: Map<string, tf.Variable>, name: string): tf.Variable {
  const variable = weights.get(name);
  if (variable === undefined) throw new Error(`no ${name}`);
  return variable;
}
