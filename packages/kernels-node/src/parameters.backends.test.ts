import {createState, type FusedRule, type SubsetState, subsetStep, subsetSteps} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {describe, expect, it} from 'vitest';
import type {NodeBackend} from './node-backend.js';
import {register} from './register.js';

const SIZE = 4096;
const K = 3;
const numbers: FusedRule = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'};

describe('parameters that a step may overwrite', () => {
  register();
  const backend = tf.backend() as NodeBackend;
  const idOf = ({dataId}: tf.Tensor) => backend.tensorMap.get(dataId).id;

  /** What becomes of a tensor, and a state of its own, where the first elements' gradients are largest. */
  function step(parameter: tf.Tensor, state: SubsetState<tf.Tensor>, gradient = falling()) {
    const given = {parameters: [parameter], gradients: [gradient], slots: [], state, numbers, k: K};
    try {
      const result = subsetStep({...given, overwrite: true});
      return {parameter: result.parameters[0], state: result.state};
    } finally {
      gradient.dispose();
    }
  }

  function falling(): tf.Tensor {
    return tf.tensor1d(Float32Array.from({length: SIZE}, (_, i) => SIZE - i));
  }

  /** From its seed of zeros, after so many steps. */
  function expected(steps: number): number[] {
    return Array.from({length: SIZE}, (_, i) => (i < K ? -steps * (SIZE - i) : 0));
  }

  async function values(tensor: tf.Tensor): Promise<number[]> {
    return [...(await tensor.data())];
  }

  it('are written where they lie from the second step on', async () => {
    const start = tf.mul(tf.zeros([SIZE]), 1);
    const first = step(start, createState([SIZE]));
    // The memory was TensorFlow's.
    expect(await values(start)).toEqual(Array(SIZE).fill(0));
    const second = step(first.parameter, first.state);
    expect(idOf(first.parameter)).toBe(-1);
    expect(await values(second.parameter)).toEqual(expected(2));
    tf.dispose([start, first, second]);
  });

  it.each([
    ['a clone', tf.clone],
    ['a view', (tensor: tf.Tensor) => tf.reshape(tensor, [SIZE / 2, 2])],
  ])('are not written into %s that shares their memory', async (_, share) => {
    const start = tf.zeros([SIZE]);
    const first = step(start, createState([SIZE]));
    const shared = share(first.parameter);
    const second = step(first.parameter, first.state);
    const third = step(second.parameter, second.state);
    expect(await values(shared)).toEqual(expected(1));
    expect(await values(third.parameter)).toEqual(expected(3));
    tf.dispose([start, first, second, third, shared]);
  });

  it('may be their own gradients', async () => {
    const start = tf.tensor1d(Float32Array.from({length: SIZE}, (_, i) => SIZE - i));
    let {parameter, state} = step(start, createState([SIZE]), tf.zeros([SIZE]));
    for (let i = 0; i < 2; i++) {
      const before = parameter;
      const given = {parameters: [before], gradients: [before], slots: [], state, numbers, k: K};
      const result = subsetStep({...given, overwrite: true});
      [parameter, state] = [result.parameters[0], result.state];
      before.dispose();
    }
    // Each of the largest becomes zero, and stays so.
    expect(await values(parameter)).toEqual(Array.from({length: SIZE}, (_, i) => (i < K ? 0 : SIZE - i)));
    tf.dispose([start, parameter, state]);
  });

  it('are given back as they were where a step fails', async () => {
    const start = tf.zeros([SIZE]);
    const first = step(start, createState([SIZE]));
    const gradient = tf.mul(falling(), 1);
    // The addon then knows the gradient no more.
    const id = idOf(gradient);
    backend.binding.deleteTensor(id);
    expect(() => step(first.parameter, first.state, gradient)).toThrow(`tensor_id: ${id}`);
    expect(await values(first.parameter)).toEqual(expected(1));
    const second = step(first.parameter, first.state);
    expect(await values(second.parameter)).toEqual(expected(2));
    tf.dispose([start, first, second]);
  });

  it('are given back as they were in all silos where one fails', async () => {
    const starts = [tf.zeros([SIZE]), tf.zeros([SIZE])];
    const firsts = starts.map((start) => step(start, createState([SIZE])));
    const gradients = starts.map(() => tf.mul(falling(), 1));
    const steps = firsts.map(({parameter, state}, i) => {
      const given = {parameters: [parameter], gradients: [gradients[i]], slots: [], state, numbers, k: K};
      return {...given, overwrite: true};
    });
    const id = idOf(gradients[1]);
    backend.binding.deleteTensor(id);
    expect(() => subsetSteps(steps)).toThrow(`tensor_id: ${id}`);
    for (const {parameter} of firsts) expect(await values(parameter)).toEqual(expected(1));
    const fine = falling();
    const seconds = subsetSteps(steps.map((given) => ({...given, gradients: [fine]}))) ?? [];
    expect(seconds.length).toBe(2);
    for (const {parameter} of firsts) expect(idOf(parameter)).toBe(-1);
    for (const {parameters} of seconds) expect(await values(parameters[0])).toEqual(expected(2));
    tf.dispose([starts, firsts.map(({parameter}) => parameter), fine, gradients[0], seconds]);
  });

  it('leave no handle behind', () => {
    const counted = backend.binding as NodeBackend['binding'] & {getNumOfTensors(): number};
    const variable = tf.variable(tf.zeros([SIZE]));
    let state = createState([SIZE]);
    const turn = () => {
      const result = step(variable, state);
      variable.assign(result.parameter);
      result.parameter.dispose();
      state = result.state;
    };
    turn();
    const before = counted.getNumOfTensors();
    for (let i = 0; i < 5; i++) turn();
    expect(counted.getNumOfTensors()).toBe(before);
    tf.dispose([variable, state]);
  });
});
