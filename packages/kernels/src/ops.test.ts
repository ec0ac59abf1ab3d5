import {MathBackendCPU} from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import type {FusedRule} from './contract.js';
import {kernelPath} from './run-kernel.js';
import {subsetProject} from './subset-project.js';
import {createState} from './subset-state.js';
import {type SubsetStepOptions, subsetStep} from './subset-step.js';
import {topKMask} from './top-k-mask.js';

const sgd: FusedRule = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'};
const adam: FusedRule = {
  ...sgd,
  rule: 'adam',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  correction1: 0.1,
  correction2: 0.001,
};

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  vi.restoreAllMocks();
});

describe('topKMask', () => {
  const x = () => tf.tensor1d([3, -5, 0, 4]);

  it('chooses the largest magnitudes', async () => {
    expect([...(await topKMask(x(), 2).data())]).toEqual([0, 1, 0, 1]);
    expect([...(await topKMask(x(), 1, {y: tf.tensor1d([3, -5, 1, 1])}).data())]).toEqual([0, 0, 0, 1]);
  });

  it('says what is wrong', () => {
    expect(() => topKMask(x(), 5)).toThrow('k is 5; expected an integer from 0 to 4');
    expect(() => topKMask(x(), 1.5)).toThrow('k is 1.5; expected an integer');
    expect(() => topKMask(tf.tensor1d([1], 'int32'), 1)).toThrow('x[0] is int32; expected float32');
    expect(() => topKMask(x(), 1, {y: tf.tensor2d([[1, 2, 3, 4]])})).toThrow('y[0] has shape [1,4]; expected [4]');
    expect(() => topKMask(x(), 1, {eta: -1})).toThrow(
      'topKMask: eta is -1, expected 0 or a number that is normal in float32',
    );
    expect(() => topKMask(x(), 1, {eta: 1e-40})).toThrow('eta is 1e-40');
    // From JavaScript anything may come.
    expect(() => topKMask(x(), 1, {distance: 'cosine' as 'absolute'})).toThrow(
      'topKMask: distance is "cosine", expected one of absolute, relative, weighted',
    );
  });
});

describe('subsetStep and subsetProject', () => {
  const options = (): SubsetStepOptions => ({
    parameters: [tf.tensor1d([1, 2, 3]), tf.tensor2d([[4], [5]])],
    gradients: [tf.tensor1d([1, 0, 0]), tf.tensor2d([[2], [0]])],
    slots: [],
    state: createState([3, 2]),
    numbers: sgd,
    k: 1,
  });

  it.each<[string, Partial<SubsetStepOptions>, string]>([
    ['no parameters', {parameters: []}, 'the silo has no tensors'],
    ['an empty parameter', {parameters: [tf.zeros([0])]}, 'tensor 0 of the silo has size 0'],
    ['an int32 parameter', {parameters: [tf.tensor1d([1], 'int32')]}, 'parameters[0] is int32; expected float32'],
    ['too few gradients', {gradients: []}, 'gradients has 0 tensors; expected 2'],
    [
      'a gradient of another shape',
      {gradients: [tf.zeros([3]), tf.zeros([2])]},
      'gradients[1] has shape [2]; expected [2,1]',
    ],
    ['too few slots', {numbers: adam}, 'slots has 0 entries; expected 2 for adam'],
    ['a slot of too few tensors', {numbers: adam, slots: [[], []]}, 'slots[0] has 0 tensors; expected 2'],
    ['the state of another silo', {state: createState([33, 2])}, 'state mask is int32 [3]; expected int32 [2]'],
    ['a budget above the size', {k: 6}, 'k is 6; expected an integer from 0 to 5'],
    ['a scale that is no scalar', {scale: tf.ones([2])}, 'scale has shape [2]; expected a scalar'],
    ['a learning rate that is NaN', {numbers: {...sgd, learningRate: Number.NaN}}, 'learningRate is NaN'],
    [
      'an unknown rule',
      {numbers: {...sgd, rule: 'lion' as 'sgd'}},
      'rule is "lion"; expected one of sgd, momentum, adam',
    ],
    ['a decay towards nothing', {numbers: {...sgd, decayTowards: 'up' as 'zero'}}, 'decayTowards is "up"'],
  ])('refuse %s and change nothing', (_, change, message) => {
    const wrong = {...options(), ...change};
    const before = tf.memory().numTensors;
    expect(() => subsetStep(wrong)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
    expect([...wrong.slots.flat(), ...wrong.state].some(({isDisposed}) => isDisposed)).toBe(false);
  });

  it('refuse a state that was consumed already', () => {
    const first = options();
    subsetStep(first);
    expect(() => subsetStep(first)).toThrow('state mask is disposed');
    const {parameters, gradients: proposals} = first;
    expect(() => subsetProject({proposals, current: parameters, state: first.state, k: 1})).toThrow('is disposed');
  });

  it('keep slots and state where a kernel throws', () => {
    tf.registerKernel({
      kernelName: 'SubsetStep',
      backendName: 'cpu',
      kernelFunc: () => {
        throw new Error('device lost');
      },
    });
    const {state, ...rest} = options();
    expect(() => subsetStep({...rest, state})).toThrow('device lost');
    expect(state.some(({isDisposed}) => isDisposed)).toBe(false);
    tf.unregisterKernel('SubsetStep', 'cpu');
  });

  it('need no more tensors after a step than before, and give back the same shapes', () => {
    const first = options();
    const before = tf.memory().numTensors;
    const step = subsetStep(first);
    expect(tf.memory().numTensors - before).toBe(first.parameters.length);
    expect(step.parameters.map(({shape}) => shape)).toEqual([[3], [2, 1]]);
  });
});

describe('kernelPath', () => {
  it('tells a registered kernel from the fallback', () => {
    expect(kernelPath('TopKMask')).toBe('fallback');
    tf.registerKernel({kernelName: 'TopKMask', backendName: 'cpu', kernelFunc: () => []});
    expect(kernelPath('TopKMask')).toBe('fused');
    expect(kernelPath('TopKMask', 'elsewhere')).toBe('fallback');
    tf.unregisterKernel('TopKMask', 'cpu');
  });
});

it('the fallback says once for each kernel and backend that it runs', async () => {
  vi.resetModules();
  const fresh = await import('./top-k-mask.js');
  fresh.topKMask(tf.ones([3]), 1);
  fresh.topKMask(tf.ones([3]), 1);
  expect(console.warn).toHaveBeenCalledTimes(1);
  expect(console.warn).toHaveBeenCalledWith(
    'TopKMask on cpu: no kernel is registered; using the portable fallback, which is exact and slower. ' +
      "Call register() of the kernel package of 'cpu' first.",
  );
});

it.each(['webgl', 'webgpu'])('there is no fallback on %s, whose int32 is not exact', async (name) => {
  // Neither runs in Node, and nothing runs before the check: a backend of that name will do.
  tf.registerBackend(name, () => new MathBackendCPU());
  await tf.setBackend(name);
  try {
    const state = createState([3]);
    expect(() => subsetProject({proposals: [tf.ones([3])], current: [tf.ones([3])], state, k: 1})).toThrow(
      `SubsetProject on ${name}: no kernel is registered, and the fallback needs exact int32`,
    );
    expect(state.some(({isDisposed}) => isDisposed)).toBe(false);
  } finally {
    await tf.setBackend('cpu');
    tf.removeBackend(name);
  }
});
