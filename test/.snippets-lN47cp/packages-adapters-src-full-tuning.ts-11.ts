









import * as tf from '@tensorflow/tfjs';
import {fullTuning} from '@subset-tuning/adapters';
import {adamw} from '@subset-tuning/optimizer';

const weights = tf.variable(tf.ones([1000]));
const optimizer = fullTuning(adamw({learningRate: 1e-3}));
optimizer.minimize(() => tf.sum(tf.square(weights)));
(await optimizer.stats()).size; // 1000