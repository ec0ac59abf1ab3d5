import {show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import * as deltas from './index.js';

// As a caller in JavaScript has them: without types.
const js = deltas as unknown as Record<string, (...given: unknown[]) => unknown>;

const delta = {
  base: 'b',
  tensors: [
    {
      ...{name: 'w', shape: [4], positions: Uint32Array.of(1), values: Float32Array.of(9)},
      seedSha256: '0'.repeat(64),
    },
  ],
  tunedSha256: '0'.repeat(64),
};
const change = {name: 'w', shape: [4], positions: Uint32Array.of(1), values: Float32Array.of(9)};
const withTensor = (fields: object) => ({...delta, tensors: [{...delta.tensors[0], ...fields}]});

let weights: Map<string, tf.Variable>;
let tensor: tf.Tensor;
beforeAll(() => {
  weights = new Map([['w', tf.variable(tf.tensor1d([1, 2, 3, 4]), true, 'w')]]);
  tensor = tf.ones([4]);
});
afterAll(() => {
  tensor.dispose();
  tf.disposeVariables();
});

const bytes = 'a Uint8Array; new Uint8Array(buffer) makes one of an ArrayBuffer';
const aModel = 'a model: an object with weights, a Map of names to variables';
const aDelta = 'a delta: what readDelta makes of a file, or createDelta of changes';
const changes = 'an array of changes, as `await optimizer.subset()` gives';
const aTensor = show(Object.create(tf.Tensor.prototype));
const map = 'a Map of names to tensors, as model.weights';

/** A function, what it is given (of the weights), and the whole message. */
const calls: [name: string, given: () => unknown[], message: string][] = [
  ['readDelta', () => [], `delta file: the content is undefined, expected ${bytes}`],
  ['readDelta', () => [new ArrayBuffer(9)], `delta file: the content is an ArrayBuffer of 9 bytes, expected ${bytes}`],
  ['readDelta', () => ['formal.delta'], `delta file: the content is "formal.delta", expected ${bytes}`],
  ['applyDelta', () => [weights, delta], `applyDelta: model is a Map of 1, expected ${aModel}`],
  ['applyDelta', () => [], `applyDelta: model is undefined, expected ${aModel}`],
  ['applyDelta', () => [{weights: {w: 1}}, delta], `applyDelta: model is {"weights":{"w":1}}, expected ${aModel}`],
  ['applyDelta', () => [{weights}], `delta is undefined, expected ${aDelta}`],
  ['applyDelta', () => [{weights}, new Uint8Array(9)], `delta is a Uint8Array of 9 bytes, expected ${aDelta}`],
  ['applyDelta', () => [{weights}, [change]], `delta is ${shownChange()}, expected ${aDelta}`],
  [
    'applyDelta',
    () => [{weights}, delta, {verfy: false}],
    'applyDelta: there is no option "verfy" (false), expected verify',
  ],
  ['applyDelta', () => [{weights}, delta, {verify: 'no'}], `applyDelta: verify is "no", expected true, false or 'all'`],
  ['applyDelta', () => [{weights}, delta, false], 'applyDelta: the options are false, expected an object with verify'],
  [
    'applyDelta',
    () => [{weights: new Map([['w', tensor]])}, delta],
    `w: the model's weight is ${aTensor}, expected a tf.Variable`,
  ],
  ['applyDelta', () => [{weights: new Map([['w', [1]]])}, delta], "w: the model's weight is [1], expected a tensor"],
  ['createDelta', () => [], `createDelta: changes is undefined, expected ${changes}`],
  ['createDelta', () => [Promise.resolve([])], `createDelta: changes is a Promise, expected ${changes}`],
  ['createDelta', () => [[]], 'createDelta: the options are undefined, expected an object with base, weights'],
  ['createDelta', () => [[], {weights}], 'createDelta: base is undefined, expected a string'],
  ['createDelta', () => [[], {base: 'b', weights: {w: 1}}], `createDelta: weights is {"w":1}, expected ${map}`],
  [
    'createDelta',
    () => [[], {base: 'b', weights, id: 'm'}],
    'createDelta: there is no option "id" ("m"), expected base, weights',
  ],
  ['createDelta', () => [[{...change, name: 1}], {}], 'createDelta: change 0: name is 1, expected a string'],
  [
    'createDelta',
    () => [[{...change, positions: [1]}], {}],
    'createDelta: change 0: positions is [1], expected a Uint32Array',
  ],
  [
    'createDelta',
    () => [[{...change, seeds: Float64Array.of(1)}], {}],
    'createDelta: change 0: seeds is a Float64Array of 8 bytes, expected a Float32Array',
  ],
  ['changesBetween', () => [], 'changesBetween: before is undefined, expected a Map of names to tensors'],
  ['changesBetween', () => [weights, {w: 1}], 'changesBetween: after is {"w":1}, expected a Map of names to tensors'],
  ['changesBetween', () => [new Map([['w', [1]]]), weights], "w: the model's weight is [1], expected a tensor"],
  ['writeDelta', () => [], `delta is undefined, expected ${aDelta}`],
  ['writeDelta', () => [{...delta, base: undefined}], 'delta: base is undefined, expected a string'],
  [
    'writeDelta',
    () => [{...delta, tensors: {}}],
    'delta: tensors is {}, expected an array of {name, shape, positions, values, seedSha256}',
  ],
  ['writeDelta', () => [withTensor({values: [9]})], 'delta: tensor 0: values is [9], expected a Float32Array'],
  [
    'writeDelta',
    () => [withTensor({positions: [1]})],
    "delta: tensor 0: positions is [1], expected a Uint32Array or 'all'",
  ],
  ['writeDelta', () => [withTensor({shape: 4})], 'delta: tensor 0: shape is 4, expected an array of whole numbers ≥ 0'],
  ['writeDelta', () => [withTensor({seedSha256: 7})], 'delta: tensor 0: seedSha256 is 7, expected a string'],
  ['writeDelta', () => [{...delta, seedSha256: 7}], 'delta: seedSha256 is 7, expected a string'],
  ['describeDelta', () => [new Map()], `delta is a Map of 0, expected ${aDelta}`],
];

function shownChange(): string {
  return '[{"name":"w","shape":[4],"positions":a Uint32Array of 4 bytes,"values":a Float32Array of 4 bytes}]';
}

describe('a wrong call is answered by name and changes nothing', () => {
  it.each(calls)('%s, case %#', async (name, given, message) => {
    const {numTensors} = tf.memory();
    await expect(async () => js[name](...given())).rejects.toThrow(new Error(message));
    expect(tf.memory().numTensors).toBe(numTensors);
    expect([...((await weights.get('w')?.data()) ?? [])]).toEqual([1, 2, 3, 4]);
  });

  it('a name of any length is cut', async () => {
    const long = withTensor({name: 'w'.repeat(1_000_000)});
    const message = `${'w'.repeat(100)}…: the model has no weight of this name`;
    await expect(deltas.applyDelta({weights}, long)).rejects.toThrow(new Error(message));
  });
});
