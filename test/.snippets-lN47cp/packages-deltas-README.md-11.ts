









import * as tf from '@tensorflow/tfjs';
import {applyDelta, createDelta, readDelta, writeDelta} from '@subset-tuning/deltas';

await tf.setBackend('cpu');
const weights = new Map([['layer.weight', tf.variable(tf.tensor2d([[1, 2], [3, 40]]))]]); // tuned: the 40 was a 4

const delta = await createDelta(
  [
    {
      name: 'layer.weight',
      shape: [2, 2],
      positions: Uint32Array.of(3),
      values: Float32Array.of(40),
      seeds: Float32Array.of(4), // lets the seed's fingerprint be taken without a second copy of the model
    },
  ],
  {base: 'my-model', weights},
);
const file = writeDelta(delta); // a safetensors file, as a Uint8Array

const model = {weights: new Map([['layer.weight', tf.variable(tf.tensor2d([[1, 2], [3, 4]]))]])}; // the seed, loaded anew
const revert = await applyDelta(model, readDelta(file));
model.weights.get('layer.weight')?.print(); // [[1, 2], [3, 40]]
await revert();
model.weights.get('layer.weight')?.print(); // [[1, 2], [3, 4]], bit for bit