import {createState, type FusedRule, subsetStep} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {allowNativeAddon} from './native-addon.js';
import type {NodeBackend} from './node-backend.js';
import {register} from './register.js';

const SIZE = 4096;
const numbers: FusedRule = {
  rule: 'momentum',
  learningRate: 1,
  weightDecay: 0,
  decayTowards: 'zero',
  momentum: 0.5,
  nesterov: false,
};

describe.each([
  ['by our own op', true],
  ["by TensorFlow's ops", false],
])('slots %s', (_, isNative) => {
  register();
  beforeAll(() => allowNativeAddon(isNative));
  afterAll(() => allowNativeAddon(true));
  const backend = tf.backend() as NodeBackend;

  function step(slot: tf.Tensor, gradient: tf.Tensor) {
    const parameters = [tf.zeros([SIZE])];
    const state = createState([SIZE]);
    try {
      const {slots, ...others} = subsetStep({parameters, gradients: [gradient], slots: [[slot]], state, numbers, k: 3});
      tf.dispose([others.parameters, others.state]);
      return slots[0][0];
    } finally {
      tf.dispose([parameters, state.filter(({isDisposed}) => !isDisposed)]);
    }
  }

  it.each([
    ['an array', false],
    ['a clone', true],
  ])('do not write into %s that shares their memory', async (_, isCloned) => {
    const array = new Float32Array(SIZE).fill(4);
    const slot = tf.tensor1d(array);
    const others = isCloned ? [tf.clone(slot)] : [];
    const gradient = tf.ones([SIZE]);
    const first = step(slot, gradient);
    const second = step(first, gradient);
    expect([...(await second.data())]).toEqual(Array(SIZE).fill(2.5));
    expect([...array]).toEqual(Array(SIZE).fill(4));
    for (const other of others) expect([...(await other.data())]).toEqual(Array(SIZE).fill(4));
    tf.dispose([others, second, gradient]);
  });

  it('do not write into a view that shares what a step has made', async () => {
    const gradient = tf.ones([SIZE]);
    const first = step(tf.zeros([SIZE]), gradient);
    const view = tf.reshape(first, [SIZE / 2, 2]);
    const second = step(first, gradient);
    const third = step(second, gradient);
    expect([...(await view.data())]).toEqual(Array(SIZE).fill(1));
    expect([...(await third.data())]).toEqual(Array(SIZE).fill(1.75));
    tf.dispose([view, third, gradient]);
  });

  it('are given back as they were where a step fails', async () => {
    const slot = tf.mul(tf.ones([SIZE]), 4);
    const gradient = tf.mul(tf.ones([SIZE]), 1);
    // The addon then knows the gradient no more.
    const {id} = backend.tensorMap.get(gradient.dataId);
    backend.binding.deleteTensor(id);
    expect(() => step(slot, gradient)).toThrow(`tensor_id: ${id}`);
    expect([...(await slot.data())]).toEqual(Array(SIZE).fill(4));
    const fine = tf.ones([SIZE]);
    const next = step(slot, fine);
    expect(() => step(next, gradient)).toThrow(`tensor_id: ${id}`);
    expect([...(await next.data())]).toEqual(Array(SIZE).fill(3));
    backend.tensorMap.get(gradient.dataId).id = -1;
    tf.dispose([next, fine, gradient]);
  });

  it('leave no handle behind', () => {
    const counted = backend.binding as NodeBackend['binding'] & {getNumOfTensors(): number};
    const gradient = tf.ones([SIZE]);
    let slot: tf.Tensor = tf.zeros([SIZE]);
    slot = step(slot, gradient);
    const before = counted.getNumOfTensors();
    for (let i = 0; i < 5; i++) slot = step(slot, gradient);
    expect(counted.getNumOfTensors()).toBe(before);
    tf.dispose([slot, gradient]);
  });
});
