

















import * as tf from '@tensorflow/tfjs';
import {project} from '@subset-tuning/optimizer';

const weights = tf.variable(tf.randomNormal([20, 50]));
const optimizer = project(tf.train.rmsprop(0.01), {density: 0.01});
optimizer.minimize(() => tf.mean(tf.square(weights)));