import {createState, type FusedRule, subsetProject, subsetStep, topKMask} from '@subset-tuning/kernels';
import '@tensorflow/tfjs-backend-cpu';
import {clone, memory, ones, setBackend, type Tensor, tensor1d, zeros} from '@tensorflow/tfjs-core';
import {beforeAll, describe, expect, it} from 'vitest';
import {register} from './register.js';

beforeAll(async () => {
  await setBackend('cpu');
  register();
});

const momentum: FusedRule = {
  rule: 'momentum',
  momentum: 0.5,
  nesterov: false,
  learningRate: 1,
  weightDecay: 0,
  decayTowards: 'zero',
};

describe('whose memory is whose', () => {
  it('writes slots, seeds and info in place, and new parameters into new memory', () => {
    const parameters = [tensor1d([1, 2, 3])];
    const gradients = [tensor1d([0, 1, -2])];
    const slot = tensor1d([0, 0, 0]);
    const state = createState([3], 1);
    const [, seeds, info] = state;
    const arrays = [slot.dataSync(), seeds.dataSync(), info.dataSync()];
    const step = subsetStep({parameters, gradients, slots: [[slot]], state, numbers: momentum, k: 1});
    expect(step.slots[0][0].dataSync()).toBe(arrays[0]);
    expect(step.state[1].dataSync()).toBe(arrays[1]);
    expect(step.state[2].dataSync()).toBe(arrays[2]);
    expect(arrays[0]).toEqual(Float32Array.of(0, 1, -2));
    expect(parameters[0].dataSync()).toEqual(Float32Array.of(1, 2, 3));
    expect(gradients[0].dataSync()).toEqual(Float32Array.of(0, 1, -2));
    expect(step.parameters[0].dataSync()).toEqual(Float32Array.of(1, 2, 5));
  });

  it('copies slots and state that another tensor shares', () => {
    const parameters = [tensor1d([1, 2, 3])];
    const gradients = [tensor1d([0, 1, -2])];
    const slot = tensor1d([0, 0, 0]);
    const state = createState([3], 1);
    const witnesses: Tensor[] = [slot, ...state].map((tensor) => clone(tensor));
    const before = witnesses.map((tensor) => tensor.dataSync().slice());
    const step = subsetStep({parameters, gradients, slots: [[slot]], state, numbers: momentum, k: 1});
    expect(witnesses.map((tensor) => tensor.dataSync())).toEqual(before);
    expect(step.slots[0][0].dataSync()).toEqual(Float32Array.of(0, 1, -2));
    expect(step.state[1].dataSync()).toEqual(Float32Array.of(3));
  });

  it('leaves proposals and current values alone that are one tensor', () => {
    const current = [tensor1d([1, 2, 3])];
    const {parameters} = subsetProject({proposals: current, current, state: createState([3]), k: 2});
    expect(parameters[0].dataSync()).toEqual(Float32Array.of(1, 2, 3));
    expect(parameters[0].dataSync()).not.toBe(current[0].dataSync());
  });

  it('holds a step to the new parameters, a bit each, and lists of constant size', () => {
    const n = 4_000_000;
    const parameters = [ones([n])];
    const gradients = [tensor1d(Float32Array.from({length: n}, (_, i) => Math.sin(i)))];
    let slots: Tensor[][] = [[zeros([n])]];
    let state = createState([n], 40_000);
    const used: number[] = [];
    for (let t = 0; t < 4; t++) {
      const before = process.memoryUsage().arrayBuffers;
      const tensors = memory().numBytes;
      const step = subsetStep({parameters, gradients, slots, state, numbers: momentum, k: 40_000});
      used.push(process.memoryUsage().arrayBuffers - before);
      expect(memory().numBytes - tensors).toBe(4 * n);
      step.parameters[0].dispose();
      ({slots, state} = step);
    }
    // The collector may free older arrays meanwhile, never add any.
    expect(Math.max(...used)).toBeLessThan(4 * n + n / 8 + 5e6);
    expect(Math.max(...used)).toBeGreaterThanOrEqual(4 * n);
  });

  it('gives a mask its own memory', () => {
    const x = tensor1d([1, -2, 3]);
    expect(topKMask(x, 3).dataSync()).toEqual(Uint8Array.of(1, 1, 1));
    expect(x.dataSync()).toEqual(Float32Array.of(1, -2, 3));
  });
});
