








































import * as tf from '@tensorflow/tfjs';
import {applyDelta, createDelta} from '@subset-tuning/deltas';
const weights = new Map([['w', tf.variable(tf.tensor1d([1, 2, 3]))]]);
const change = {name: 'w', shape: [3], positions: Uint32Array.of(2), values: Float32Array.of(9)};
const delta = await createDelta([change], {base: 'my-model', weights});
const revert = await applyDelta({weights}, delta); // w is [1, 2, 9]
await revert(); // w is [1, 2, 3]