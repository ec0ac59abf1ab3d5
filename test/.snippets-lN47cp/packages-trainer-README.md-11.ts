









import {adamw, dynamicSubset} from '@subset-tuning/optimizer';
import {batchesByTokens, progressBars, train} from '@subset-tuning/trainer';
import * as tf from '@tensorflow/tfjs';

// A model: the next token from this one, by a table of 10 × 10 logits.
const table = tf.variable(tf.zeros([10, 10]), true, 'table');
const model = {
  weights: new Map([['table', table]]),
  loss: (rows: number[][]): tf.Scalar => {
    const logits = tf.gather(table, rows.flatMap((row) => row.slice(0, -1)));
    const labels = tf.oneHot(rows.flatMap((row) => row.slice(1)), 10);
    return tf.mean(tf.losses.softmaxCrossEntropy(labels, logits));
  },
};

// Data: counting from anywhere, 3 to 6 numbers.
const rows = Array.from({length: 50}, (_, i) => Array.from({length: 3 + (i % 4)}, (_, j) => (i + j) % 10));
const batches = batchesByTokens(rows, {tokens: 64, seed: 1, lengthOf: (row) => row.length});

const optimizer = dynamicSubset(adamw({learningRate: 0.5}), {parameters: 10});
const bars = progressBars();
const curve = await train({
  model,
  optimizer,
  batches,
  steps: 40,
  tokensOf: (batch) => batch.flat().length,
  onStep: bars.add('counting', 40),
});
bars.stop();
console.log(curve[0].loss, curve[39].loss); // falling
console.log((await optimizer.subset())[0].positions); // the 10 entries that were worth changing