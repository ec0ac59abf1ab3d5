import {
  type AdamNumbers,
  createState,
  fisherImportance,
  packSubset,
  referenceSubsetProject,
  type SubsetState,
  type SubsetStateArrays,
  subsetStep,
} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';
import {beforeAll, expect, test} from 'vitest';
import {randomCases} from '../../../test/scale.js';
import {register} from './register.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  register();
});

const f32 = Math.fround;

/** Adam as assembly/subset/rule.ts rounds it, and its slots in place. */
function propose(
  numbers: AdamNumbers,
  theta: number,
  seed: number,
  g: number,
  m: Float32Array,
  v: Float32Array,
  i: number,
) {
  const {learningRate, weightDecay, decayTowards, beta1, beta2, epsilon, correction1, correction2} = numbers;
  const root = Math.sqrt(correction2);
  m[i] = f32(m[i] + f32(f32(1 - beta1) * f32(g - m[i])));
  v[i] = f32(f32(v[i] * f32(beta2)) + f32(f32(f32(1 - beta2) * g) * g));
  const step = f32(
    f32(f32((-learningRate * root) / correction1) * m[i]) / f32(f32(Math.sqrt(v[i])) + f32(epsilon * root)),
  );
  if (weightDecay === 0) return f32(theta + step);
  const rate = learningRate * weightDecay;
  const decayed =
    decayTowards === 'zero' ? f32(theta * f32(1 - rate)) : f32(theta - f32(f32(rate) * f32(theta - seed)));
  return f32(decayed + step);
}

test('no element is taken for far that a closer look would choose, whatever rounds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        size: fc.integer({min: 1100, max: 3000}),
        share: fc.double({min: 1e-4, max: 0.04, noNaN: true}),
        // From steps that are lost in the parameters' own rounding to steps that dwarf them.
        octaves: fc.tuple(fc.integer({min: -30, max: 20}), fc.integer({min: 0, max: 12})),
        // Half of them have parameters that decay moves by about as much as the bound allows.
        isEdge: fc.boolean(),
        learningRate: fc.constantFrom(1e-6, 1e-3, 0.5),
        epsilon: fc.constantFrom(0, 1e-8, 1e-8, 0.1),
        weightDecay: fc.constantFrom(0, 0.01, 1),
        decayTowards: fc.constantFrom('zero', 'seed'),
        distance: fc.constantFrom('absolute', 'fisher'),
        gradients: fc.array(fc.double({min: -1, max: 1, noNaN: true}), {minLength: 40, maxLength: 97}),
        gradientOctave: fc.integer({min: -40, max: 20}),
      }),
      async ({size, share, octaves, isEdge, gradients, gradientOctave, distance, ...rule}) => {
        const edge = Math.round(Math.log2(1 / (128 * (rule.weightDecay || 1))));
        const [first, count] = isEdge ? [edge, 1] : octaves;
        const k = Math.max(1, Math.round(share * size));
        let current: Float32Array = Float32Array.from(
          {length: size},
          (_, i) => gradients[(i * 31) % gradients.length] * 2 ** (first + ((i * 7) % (count + 1))),
        );
        const [m, v] = [new Float32Array(size), new Float32Array(size)];
        let state: SubsetStateArrays = packSubset([{positions: new Uint32Array(), seeds: new Float32Array()}], [size]);
        let parameters: tf.Tensor[] = [tf.tensor1d(current)];
        let slots: tf.Tensor[][] = [[tf.zeros([size])], [tf.zeros([size])]];
        let tensors: SubsetState<tf.Tensor> = createState([size], k);
        const seeds = current.slice();
        for (let t = 1; t <= 6; t++) {
          const corrections = {correction1: 1 - 0.9 ** t, correction2: 1 - 0.999 ** t};
          const numbers: AdamNumbers = {rule: 'adam', ...rule, beta1: 0.9, beta2: 0.999, ...corrections};
          const gradient = Float32Array.from(
            {length: size},
            (_, i) => gradients[(i * (t + 2) + (i >> 5)) % gradients.length] * 2 ** gradientOctave,
          );
          const proposals = current.map((theta, i) => propose(numbers, theta, seeds[i], gradient[i], m, v, i));
          const selection = {sizes: [size], k, distance: 'absolute' as const, eta: 0, reselect: true};
          const importance = distance === 'fisher' ? [v.map((square) => fisherImportance(square, numbers))] : undefined;
          const arrays = {proposals: [proposals], current: [current], importance, state};
          const expected = referenceSubsetProject(arrays, selection);
          [current] = expected.parameters;
          state = expected.state;

          const before = [...parameters, tf.tensor1d(gradient)];
          ({
            parameters,
            slots,
            state: tensors,
          } = subsetStep({
            ...{parameters, gradients: [before[1]], slots, state: tensors, k, distance, numbers},
          }));
          tf.dispose(before);
          const bits = (values: Float32Array) => new Int32Array(values.slice().buffer);
          expect(bits(await parameters[0].data<'float32'>())).toEqual(bits(current));
          expect(await tensors[0].data<'int32'>()).toEqual(state[0]);
        }
        tf.dispose([parameters, slots, tensors]);
      },
    ),
    {numRuns: randomCases(300)},
  );
});
