import {createState, Info, Path, subsetStep, TopKMask, topKMask} from '@subset-tuning/kernels';
import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import type {WebGpuBackend} from './webgpu-backend.js';

const numbers = {
  rule: 'momentum',
  learningRate: 1,
  weightDecay: 0,
  decayTowards: 'zero',
  momentum: 0.5,
  nesterov: false,
} as const;

/** Lets a device seem to allow less than it does. */
function limit(device: GPUDevice, limits: Partial<Record<keyof GPUSupportedLimits, number>>): void {
  const real = device.limits;
  const less = new Proxy(real, {
    get: (target, name) => limits[name as keyof GPUSupportedLimits] ?? Reflect.get(target, name, target),
  });
  vi.spyOn(device, 'limits', 'get').mockReturnValue(less);
}

describe('on webgpu', () => {
  const backend = tf.backend() as unknown as WebGpuBackend;
  const {device} = backend;

  beforeEach(() => device.pushErrorScope('validation'));
  afterEach(async () => {
    vi.restoreAllMocks();
    expect(await device.popErrorScope()).toBeNull();
  });

  describe('tensors longer than a binding, and more workgroups than a dimension takes', () => {
    beforeEach(() => limit(device, {maxStorageBufferBindingSize: 4 * 36_000, maxComputeWorkgroupsPerDimension: 12}));

    const cases = conformanceCases({path: 'fused', rounding: 'close', random: 0});
    for (const {name, run} of cases.filter(({name}) => /65,537|largest of ties|straddle/.test(name))) it(name, run);
  });

  it('updates slots in place where they are nobody else’s, and else a copy', async () => {
    const parameters = [tf.tensor1d([1, 2])];
    const gradients = [tf.tensor1d([1, 0])];
    const slot = tf.tensor1d([2, 4]);
    await slot.data(); // so that a copy of the values lies on the CPU
    const witness = tf.clone(slot);
    const first = subsetStep({parameters, gradients, slots: [[slot]], state: createState([2]), numbers, k: 1});
    expect([...(await witness.data())]).toEqual([2, 4]);
    expect([...(await first.slots[0][0].data())]).toEqual([2, 2]);

    const own = first.slots[0][0].dataId;
    const second = subsetStep({parameters, gradients, slots: first.slots, state: first.state, numbers, k: 1});
    expect(second.slots[0][0].dataId).toBe(own);
    expect([...(await second.slots[0][0].data())]).toEqual([2, 1]);
    tf.dispose([parameters, gradients, witness, first.parameters, second]);
  });

  it('reads nothing back in a step', async () => {
    const parameters = [tf.zeros([100])];
    const gradients = [tf.randomNormal([100])];
    const state = createState([100]);
    const slots = [[tf.zeros([100])]];
    const map = vi.spyOn(GPUBuffer.prototype, 'mapAsync');
    const step = subsetStep({parameters, gradients, slots, state, numbers, k: 10});
    expect(map).not.toHaveBeenCalled();
    const info = await step.state[2].data();
    expect([info[Info.size], info[Info.path]]).toEqual([10, Path.miss]);
    tf.dispose([parameters, gradients, step]);
  });

  it('says what does not fit a binding, and changes nothing', async () => {
    limit(device, {maxStorageBufferBindingSize: 4 * 32_768});
    const {numTensors} = tf.memory();
    const ids = tf.engine().backend.numDataIds();
    const sizes = Array.from({length: 6}, () => 16_384);
    const parameters = sizes.map((size) => tf.zeros([size]));
    const state = createState(sizes);
    const slots = [sizes.map((size) => tf.ones([size]))];
    const step = () => subsetStep({parameters, gradients: parameters, slots, state, numbers, k: 90_000});
    expect(step).toThrow('SubsetStep on webgpu: 360000 bytes are needed in one binding; the device allows 131072');
    expect((await slots[0][5].data())[16_383]).toBe(1);
    tf.dispose([parameters, slots, state]);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(tf.engine().backend.numDataIds()).toBe(ids);
  });
});

describe('a lost device', () => {
  it('is named in the error', async () => {
    const {device} = tf.backend() as unknown as WebGpuBackend;
    const x = tf.tensor1d([1, 2]);
    topKMask(x, 1).dispose();
    device.destroy();
    await device.lost;
    expect(() => topKMask(x, 1)).toThrow(`${TopKMask} on webgpu: the device was lost (destroyed`);
  });
});
