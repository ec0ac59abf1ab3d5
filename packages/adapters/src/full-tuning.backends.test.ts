import {sgd} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs';
import {afterEach, expect, it} from 'vitest';
import {fullTuning} from './full-tuning.js';

afterEach(() => tf.disposeVariables());

it('fullTuning changes every weight as the rule alone would', async () => {
  const weights = tf.variable(tf.tensor1d([1, 2, 3]));
  const optimizer = fullTuning(sgd({learningRate: 0.25}));
  optimizer.minimize(() => tf.sum(tf.square(weights)));
  expect([...(await weights.data())]).toEqual([0.5, 1, 1.5]);
  expect((await optimizer.subset())[0].seeds).toEqual(Float32Array.of(1, 2, 3));
  optimizer.dispose();
});
