


























































import * as tf from '@tensorflow/tfjs';
import {adamw, dynamicSubset} from '@subset-tuning/optimizer';
import {train} from '@subset-tuning/trainer';

const x = tf.variable(tf.zeros([8]), true, 'x');
const model = {weights: new Map([['x', x]]), loss: (target: number) => tf.mean(tf.square(tf.sub(x, target)))};
const optimizer = dynamicSubset(adamw({learningRate: 0.1}), {parameters: 2});
const curve = await train({model, optimizer, batches: [1, 1, 1], steps: 3, tokensOf: () => 8});
console.log(curve.map(({loss}) => loss)); // falling