import * as tf from '@tensorflow/tfjs-core';
import {describe, expect, it} from 'vitest';
import {ConfigReader} from '../config-reader.js';
import {readActivation} from './activations.js';

// transformers' ACT2FN and torch's gradients, transformers 5.24.0 and torch 2.13.0: of −4, −1.5, −0.3, 0.2, 1, 2.5 and 5.
const AT = [-4, -1.5, -0.3, 0.2, 1, 2.5, 5];
const ERF = [
  [-0.0001264811, -0.1002109, -0.1146266, 0.1158519, 0.8413447, 2.484476, 4.999999],
  [-0.0005036294, -0.1274692, 0.2676723, 0.6574683, 1.083315, 1.037611, 1.000007],
];
const TANH = [
  [-7.021427e-5, -0.1004284, -0.1146291, 0.1158514, 0.841192, 2.484916, 5],
  [-0.0003349721, -0.1277108, 0.2677045, 0.6574581, 1.082964, 1.037952, 1.000002],
];
const SILU = [
  [-0.07194484, -0.2736383, -0.1276672, 0.1099668, 0.7310586, 2.310354, 4.966536],
  [-0.05266461, -0.04129416, 0.35222, 0.5993372, 0.9276705, 1.099401, 1.026547],
];
const QUICK = [
  [-0.004414724, -0.1083378, -0.1125159, 0.1168575, 0.8457958, 2.465014, 4.998993],
  [-0.006401885, -0.09884807, 0.2553743, 0.6669694, 1.06778, 1.044719, 1.001512],
];

describe('activations have the values and slopes of torch', () => {
  it.each([
    ['gelu', ERF],
    ['gelu_python', ERF],
    ['gelu_new', TANH],
    ['gelu_pytorch_tanh', TANH],
    ['gelu_fast', TANH],
    ['silu', SILU],
    ['swish', SILU],
    ['quick_gelu', QUICK],
    [
      'relu',
      [
        [0, 0, 0, 0.2, 1, 2.5, 5],
        [0, 0, 0, 1, 1, 1, 1],
      ],
    ],
  ])('%s', async (name, [values, slopes]) => {
    const {numTensors} = tf.memory();
    const activate = readActivation(new ConfigReader({hidden_act: name}), 'hidden_act', 'relu');
    const x = tf.tensor2d(AT, [1, AT.length]);
    const {value, grad} = tf.valueAndGrad((x: tf.Tensor2D) => activate(x))(x);
    const [found, slope] = [await value.data(), await grad.data()];
    for (const [i, expected] of values.entries()) {
      expect(Math.abs(found[i] - expected)).toBeLessThan(4e-6 * Math.max(1, Math.abs(expected)));
      expect(Math.abs(slope[i] - slopes[i])).toBeLessThan(4e-6);
    }
    tf.dispose([x, value, grad]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
