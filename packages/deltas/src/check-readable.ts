import {cut, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';

/** Throws unless a weight is a tensor that can be read as bytes. */
export function checkReadable(name: string, weight: unknown): asserts weight is tf.Tensor {
  const what = `${cut(name)}: the model's weight is`;
  if (!(weight instanceof tf.Tensor)) throw new Error(`${what} ${show(weight)}, expected a tensor`);
  if (weight.isDisposed) throw new Error(`${what} disposed`);
  if (weight.dtype === 'string') throw new Error(`${what} string, expected numbers`);
}
