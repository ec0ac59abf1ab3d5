import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {dynamicSubset, sgd, totalBudget} from './index.js';

afterEach(() => tf.disposeVariables());

describe('both forms of gradients', () => {
  it('are the same, and null or undefined in the list is left out', async () => {
    const a = tf.variable(tf.tensor1d([1, 2]), true, 'a');
    tf.variable(tf.tensor1d([1, 2]), true, 'b');
    const gradient = tf.tensor1d([1, 1]);
    const optimizer = dynamicSubset(sgd({learningRate: 1}), {density: 1});
    // What LayersModel.fit passes for variables that are not trainable or not used; the base class's type hides it.
    const list: unknown = [{name: 'a', tensor: gradient}, {name: 'b', tensor: null}, {name: 'c'}];
    optimizer.applyGradients(list as tf.NamedTensorMap);
    expect([...(await a.data())]).toEqual([0, 1]);
    expect(totalBudget({density: 1}, 2, 0)).toBe((await optimizer.stats()).budget);
    gradient.dispose();
    optimizer.dispose();
  });
});
