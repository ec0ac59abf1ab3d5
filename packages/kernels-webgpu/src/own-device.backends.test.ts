import {createState, readState, type SubsetState, stateFromArrays, subsetStep} from '@subset-tuning/kernels';
import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import {beforeAll, describe, expect, it, vi} from 'vitest';
import {randomCases} from '../../../test/scale.js';
import {register} from './register.js';

const hasSubgroups = (await adapterOf()).features.has('subgroups');

async function adapterOf(): Promise<GPUAdapter> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('there is no adapter');
  return adapter;
}

/** Goes on with a device of one's own, as an app does whose device was lost or that wants more of it than tfjs asks for. */
async function useOwnDevice(requiredFeatures: GPUFeatureName[] = []): Promise<GPUDevice> {
  // Looks for navigator.gpu when it is imported.
  const {WebGPUBackend} = await import('@tensorflow/tfjs-backend-webgpu');
  const adapter = await adapterOf();
  const device = await adapter.requestDevice({requiredFeatures});
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info), 3);
  expect(await tf.setBackend('webgpu')).toBe(true);
  register();
  return device;
}

describe.each([
  {title: 'a device without subgroups', features: [] as GPUFeatureName[], runs: true},
  {title: 'a device with subgroups', features: ['subgroups'] as GPUFeatureName[], runs: hasSubgroups},
])('on $title', ({features, runs}) => {
  let modules: string[];
  beforeAll(async () => {
    if (!runs) return;
    const device = await useOwnDevice(features);
    const create = vi.spyOn(device, 'createShaderModule');
    modules = [];
    create.mockImplementation((descriptor) => {
      modules.push(descriptor.code);
      return GPUDevice.prototype.createShaderModule.call(device, descriptor);
    });
  });

  const cases = conformanceCases({path: 'fused', rounding: 'close', random: randomCases(50)});
  for (const {name, run} of cases.filter(({name}) => /65,537|straddle|random/.test(name))) {
    it.runIf(runs)(name, run);
  }

  it.runIf(runs)('ran what was written for it', () => {
    const ours = modules.filter((code) => code.includes('fn add_up('));
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter((code) => code.includes('subgroupAdd(')).length).toBe(features.length > 0 ? ours.length : 0);
  });
});

describe('a device lost in training', () => {
  const numbers = {rule: 'momentum', learningRate: 0.1, weightDecay: 0.1, decayTowards: 'seed'} as const;
  const n = 5000;
  const gradient = (step: number) => Float32Array.from({length: n}, (_, i) => Math.sin(i * (step + 1)));

  interface Training {
    parameters: tf.Tensor[];
    slots: tf.Tensor[][];
    state: SubsetState<tf.Tensor>;
  }
  function step({parameters, slots, state}: Training, t: number): Training {
    const gradients = [tf.tensor1d(gradient(t))];
    const options = {parameters, gradients, slots, state, k: 50};
    const next = subsetStep({...options, numbers: {...numbers, momentum: 0.9, nesterov: false}});
    tf.dispose([gradients, parameters]);
    return next;
  }
  const read = async ({parameters, slots, state}: Training) => ({
    parameters: (await parameters[0].data<'float32'>()).slice(),
    slot: (await slots[0][0].data<'float32'>()).slice(),
    state: await readState(state),
  });

  it('goes on bit for bit on another, from what was read after the last good step', async () => {
    const device = await useOwnDevice();
    let training: Training = {
      parameters: [tf.tensor1d(gradient(99))],
      slots: [[tf.zeros([n])]],
      state: createState([n]),
    };
    for (let t = 0; t < 3; t++) training = step(training, t);
    const saved = await read(training);
    training = step(training, 3);
    const expected = await read(training);

    device.destroy();
    await device.lost;
    expect(() => step(training, 4)).toThrow('SubsetStep on webgpu: the device was lost (destroyed');

    await useOwnDevice();
    const again = step(
      {
        parameters: [tf.tensor1d(saved.parameters)],
        slots: [[tf.tensor1d(saved.slot)]],
        state: stateFromArrays(saved.state),
      },
      3,
    );
    expect(await read(again)).toEqual(expected);
  });
});
