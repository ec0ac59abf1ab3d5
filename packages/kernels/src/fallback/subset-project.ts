import * as tf from '@tensorflow/tfjs-core';
import type {SubsetProjectAttrs} from '../contract.js';
import {chooseAndReset, seedRow} from './choose-and-reset.js';
import {joinRow, splitRow} from './rows.js';

/** `SubsetProject` in plain tfjs ops, for a backend that has no kernel of its own. */
export function fallbackSubsetProject(inputs: tf.Tensor[], attrs: SubsetProjectAttrs): tf.Tensor[] {
  return tf.tidy(() => {
    const count = attrs.sizes.length;
    const current = inputs.slice(count, 2 * count);
    const importances = attrs.important ? inputs.slice(2 * count, 3 * count) : [];
    const [mask, seeds, info] = inputs.slice(-3);
    const state: [tf.Tensor, tf.Tensor, tf.Tensor] = [mask, seeds, info];
    const theta = joinRow(current);
    const seed = seedRow(theta, state, attrs.sizes);
    const proposal = joinRow(inputs.slice(0, count));
    const importance = attrs.important ? joinRow(importances) : undefined;
    const nonFinite = tf.scalar(0, 'int32');
    const [newTheta, newState] = chooseAndReset(proposal, theta, seed, importance, state, nonFinite, attrs);
    return [...splitRow(newTheta, current), ...newState];
  });
}
