

























import * as tf from '@tensorflow/tfjs';
import {createDelta, writeDelta} from '@subset-tuning/deltas';
const weights = new Map([['w', tf.variable(tf.tensor1d([1, 2, 9]))]]); // the 9 was a 3
const change = {
  name: 'w',
  shape: [3],
  positions: Uint32Array.of(2),
  values: Float32Array.of(9),
  seeds: Float32Array.of(3),
};
const file = writeDelta(await createDelta([change], {base: 'my-model', weights}));