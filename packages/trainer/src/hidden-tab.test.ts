import {expect, it, vi} from 'vitest';

// As in a hidden tab: no frame is ever drawn. tfjs looks for the function once, when it is imported.
vi.stubGlobal('requestAnimationFrame', () => 0);
const tf = await import('@tensorflow/tfjs');
const {train} = await import('./train.js');

it('training goes on in a hidden tab', async () => {
  await tf.setBackend('cpu');
  const frame = vi.fn();
  void tf.nextFrame().then(frame);
  const weight = tf.variable(tf.zeros([2]));
  const model = {
    weights: new Map([['w', weight]]),
    loss: (batch: number): import('@tensorflow/tfjs').Scalar => tf.mean(tf.square(tf.sub(weight, batch))),
  };
  const curve = await train({model, optimizer: tf.train.sgd(0.1), batches: [1, 1, 1], steps: 3, tokensOf: () => 1});
  expect(curve.length).toBe(3);
  expect(frame).not.toHaveBeenCalled();
});
