import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readJson} from '../../../test/read-file.js';
import {adafactor, adam, adamw, dynamicSubset, momentum, sgd} from './index.js';

type Values = Record<string, number[]>;
interface Golden {
  shapes: Record<string, number[]>;
  start: Values;
  gradients: Values[];
  rules: Record<string, Record<string, Values>>;
}
const golden = await readJson<Golden>(new URL('../golden/update-rules.json', import.meta.url));

const rules = {
  sgd: sgd({learningRate: 0.01}),
  momentum: momentum({learningRate: 0.01}),
  nesterov: momentum({learningRate: 0.01, nesterov: true}),
  adam: adam({learningRate: 0.003}),
  adamw: adamw({learningRate: 0.003, weightDecay: 0.1}),
  adafactor: adafactor({learningRate: 0.01}),
  'adafactor-decay': adafactor({learningRate: 0.01, weightDecay: 0.1}),
  'adamw-clipped': adamw({learningRate: 0.003, weightDecay: 0.1}),
};

describe('at density 1 a rule takes the trajectory of the PyTorch optimizer of its name', () => {
  beforeEach(() => tf.engine().startScope());
  afterEach(() => {
    tf.engine().endScope();
    tf.disposeVariables();
  });

  it('covers every rule in the golden file', () => {
    expect(Object.keys(rules).sort()).toEqual(Object.keys(golden.rules).sort());
  });

  it.each(Object.entries(rules))('%s', async (name, rule) => {
    const variables = Object.entries(golden.start).map(([key, values]) =>
      tf.variable(tf.tensor(values, golden.shapes[key]), true, key),
    );
    const clip = name.endsWith('clipped') ? {clipNorm: 1} : {};
    const optimizer = dynamicSubset(rule, {density: 1, ...clip});
    for (const [i, gradients] of golden.gradients.entries()) {
      const tensors = Object.entries(gradients).map(([key, values]) => [key, tf.tensor(values, golden.shapes[key])]);
      optimizer.applyGradients(Object.fromEntries(tensors));
      const expected = golden.rules[name][i + 1];
      if (expected === undefined) continue;
      for (const variable of variables) {
        const values = await variable.data();
        const worst = Math.max(
          ...expected[variable.name].map((value, at) => Math.abs(values[at] - value) / Math.abs(value)),
        );
        expect(worst, `${variable.name} after step ${i + 1}`).toBeLessThan(1e-6);
      }
    }
    optimizer.dispose();
  });
});
