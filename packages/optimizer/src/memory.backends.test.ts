import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {adamw, dynamicSubset, sgd, type UpdateRule} from './index.js';

afterEach(() => tf.disposeVariables());

const n = 1_000_000;
const shapes = {matrix: [900, 1111], vector: [100]};
const gradientsAt = (step: number) =>
  Object.entries(shapes).map(([name, shape], i) => {
    const values = Float32Array.from({length: tf.util.sizeFromShape(shape)}, (_, j) => Math.sin(j + i) + step / 10);
    return {name, tensor: tf.tensor(values, shape)};
  });

const rules: {name: string; slots: number; make: () => UpdateRule}[] = [
  {name: 'sgd', slots: 0, make: () => sgd({learningRate: 0.1})},
  {name: 'adamw', slots: 2, make: () => adamw({learningRate: 0.1})},
];

// On webgl int32 is exact in 16 bits a float only, so that a mask takes n/4 bytes there.
describe.skipIf(tf.getBackend() === 'webgl')('what a subset costs over its update rule', () => {
  it.each(rules.flatMap((rule) => [1e-4, 1e-2, 0.5].map((density) => ({...rule, density}))))(
    '$name: n/8 + 4k bytes at density $density',
    ({slots, make, density}) => {
      for (const [name, shape] of Object.entries(shapes)) tf.variable(tf.ones(shape), true, name);
      const before = tf.memory();
      const optimizer = dynamicSubset(make(), {density});
      for (let step = 0; step < 3; step++) {
        const gradients = gradientsAt(step);
        optimizer.applyGradients(gradients);
        tf.dispose(gradients);
      }
      const cost = tf.memory().numBytes - before.numBytes - 4 * slots * n;
      const expected = n / 8 + 4 * density * n;
      expect(cost).toBeGreaterThan(0.99 * expected);
      expect(cost).toBeLessThan(1.01 * expected);
      optimizer.dispose();
      expect(tf.memory().numBytes).toBe(before.numBytes);
    },
  );
});
