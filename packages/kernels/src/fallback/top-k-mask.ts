import * as tf from '@tensorflow/tfjs-core';
import type {TopKMaskAttrs} from '../contract.js';
import {distancesBetween} from './distances.js';
import {joinRow} from './rows.js';
import {selectLargest} from './select.js';

/** `TopKMask` in plain tfjs ops, for a backend that has no kernel of its own. */
export function fallbackTopKMask([x, y, importance]: tf.Tensor[], {k, distance, eta}: TopKMaskAttrs): tf.Tensor[] {
  return tf.tidy(() => {
    const row = joinRow([x]);
    const distances = y
      ? distancesBetween(row, joinRow([y]), distance, eta, importance && joinRow([importance]))
      : distancesBetween(row, tf.zerosLike(row), 'absolute', 0);
    return [tf.reshape(selectLargest(distances, k), x.shape)];
  });
}
