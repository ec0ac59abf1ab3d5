









import * as tf from '@tensorflow/tfjs';
import {fullTuning, randomSubset} from '@subset-tuning/adapters';
import {adamw} from '@subset-tuning/optimizer';

const weights = tf.variable(tf.randomNormal([100, 100]));
const rule = adamw({learningRate: 0.01});
for (const optimizer of [randomSubset(rule, {density: 0.01, seed: 1}), fullTuning(rule)]) {
  optimizer.minimize(() => tf.mean(tf.square(weights)));
  console.log((await optimizer.stats()).size); // 100, then 10000
  optimizer.dispose();
}