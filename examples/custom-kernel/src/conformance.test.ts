import {readdirSync, readFileSync} from 'node:fs';
import {CONTRACT_KERNELS, createState, kernelPath, subsetProject, subsetStep, topKMask} from '@subset-tuning/kernels';
import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import {beforeAll, describe, expect, it} from 'vitest';
import {randomCases, testScale} from '../../../test/scale.js';
import {register} from './register.js';

beforeAll(async () => {
  register();
  register(); // harmless
  await tf.setBackend('toy');
});

describe('conformance on the fused path', () => {
  for (const {name, run} of conformanceCases({path: 'fused', random: randomCases(50)})) {
    // Routines that sort take half a minute for these.
    it.runIf(testScale >= 1 || !/300,388|65,537/.test(name))(name, run);
  }
});

describe('the toy backend', () => {
  it('runs its own three kernels and nothing else', async () => {
    expect(CONTRACT_KERNELS.map((kernel) => kernelPath(kernel))).toEqual(['fused', 'fused', 'fused']);
    const x = tf.tensor1d([3, -5, 0, 4]);
    const state = createState([4]);
    const numbers = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'} as const;
    const kernels: string[] = [];
    for (const run of [
      () => topKMask(x, 2),
      () => subsetProject({proposals: [tf.tensor1d([9, -5, 1, 4])], current: [x], state, k: 1}).parameters[0],
      () => subsetStep({parameters: [x], gradients: [x], slots: [], state: createState([4]), numbers, k: 1}).parameters,
    ]) {
      kernels.push(...(await tf.profile(run)).kernelNames);
    }
    expect(kernels).toEqual(CONTRACT_KERNELS);
    const names = tf.getKernelsForBackend('toy').map(({kernelName}) => kernelName);
    expect(names.toSorted()).toEqual(['Identity', ...CONTRACT_KERNELS].toSorted());
  });

  it('takes under 100 lines', () => {
    const lines = ['toy-backend.ts', 'register.ts'].map(
      (file) =>
        readFileSync(new URL(file, import.meta.url), 'utf8')
          .trimEnd()
          .split('\n').length,
    );
    expect(lines.reduce((sum, count) => sum + count)).toBeLessThan(100);
    expect(readdirSync(new URL('.', import.meta.url)).filter((file) => !file.endsWith('.test.ts'))).toHaveLength(3);
  });
});
