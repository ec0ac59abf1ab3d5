





























import * as tf from '@tensorflow/tfjs';
import {randomSubset} from '@subset-tuning/adapters';
import {adamw} from '@subset-tuning/optimizer';

const weights = tf.variable(tf.ones([1000]));
const optimizer = randomSubset(adamw({learningRate: 0.1}), {density: 0.01, seed: 1});
optimizer.minimize(() => tf.sum(tf.square(weights)));
(await optimizer.stats()).size; // 10