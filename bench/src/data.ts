import * as tf from '@tensorflow/tfjs';
import {normal} from './random.js';

/** Parameters and their gradients. */
export interface Data {
  n: number;
  theta: Float32Array;
  /** How many calls in a row are timed together, where nothing must come between. */
  inARow: number;
  /** A gradient of its own for each call, in the same memory. */
  gradientArray(): Float32Array;
  /** The same as a tensor, to be disposed. */
  gradient(): tf.Tensor1D;
  /** Gradients for that many calls, a few that are used in turn, to be disposed. */
  gradients(calls: number): tf.Tensor1D[];
  dispose(): void;
}

/** Gradients are a common direction plus as much noise. */
export function makeData(n: number, inARow: number): Data {
  const direction = normal(n, 1);
  const noise = normal(n, 2);
  const array = new Float32Array(n);
  // Noise that is moved on by a random stretch is as good as new, for no parameter has seen it yet.
  const stretch = () => Math.floor(Math.random() * n);
  const gradientArray = () => {
    let from = stretch();
    for (let i = 0; i < n; i++) {
      array[i] = direction[i] + noise[from];
      if (++from === n) from = 0;
    }
    return array;
  };
  const onDevice = tf.getBackend() === 'webgpu' ? [direction, noise].map((x) => tf.tensor1d(x)) : [];
  const gradient = () => {
    const [along, around] = onDevice;
    if (!along) return resultOfAnOp(tf.tensor1d(gradientArray()));
    const from = stretch();
    return tf.tidy(() => tf.add<tf.Tensor1D>(along, tf.concat([tf.slice(around, from), tf.slice(around, 0, from)])));
  };
  return {
    ...{n, inARow, gradientArray, gradient},
    theta: normal(n, 0).map((x) => 0.02 * x),
    gradients: (calls) => Array.from({length: Math.min(calls, 4)}, gradient),
    dispose: () => tf.dispose(onDevice),
  };
}

/** Other backends than these copy a new tensor's values only when an op asks for them. */
const READY_AT_ONCE = ['cpu', 'wasm'];

/** A gradient comes from an op: it lies where the backend keeps what it computes. */
function resultOfAnOp(x: tf.Tensor1D): tf.Tensor1D {
  if (READY_AT_ONCE.includes(tf.getBackend())) return x;
  const result = tf.add<tf.Tensor1D>(x, 0);
  x.dispose();
  return result;
}
