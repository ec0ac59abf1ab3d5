



























import * as tf from '@tensorflow/tfjs';
import {adamw, dynamicSubset} from '@subset-tuning/optimizer';

const weights = tf.variable(tf.randomNormal([20, 50]));
const optimizer = dynamicSubset(adamw({learningRate: 0.1}), {density: 0.01});
for (let step = 0; step < 5; step++) optimizer.minimize(() => tf.mean(tf.square(weights)));
console.log(optimizer.trainableParameters()); // trainable params: 10 || all params: 1,000 || trainable%: 1.0000