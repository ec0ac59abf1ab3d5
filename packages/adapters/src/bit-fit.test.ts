import {sgd} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {bitFit, bitFitWeights} from './bit-fit.js';

afterEach(() => tf.disposeVariables());

const names = (weights: ReadonlyMap<string, unknown>) => [...weights.keys()];

describe('bitFitWeights', () => {
  const weights = new Map([
    ['dense/kernel', {shape: [2, 3]}],
    ['dense/bias', {shape: [3]}],
    ['layers.0.q_proj.bias', {shape: [2]}],
    ['relative_attention_bias', {shape: [4, 4]}],
    ['layers.0.norm.weight', {shape: [3]}],
    ['unbiased', {shape: [3]}],
  ]);

  it('are the biases, or all vectors', () => {
    expect(names(bitFitWeights(weights))).toEqual(['dense/bias', 'layers.0.q_proj.bias']);
    expect(names(bitFitWeights(weights, {vectors: 'all'}))).toEqual([
      ...['dense/bias', 'layers.0.q_proj.bias', 'layers.0.norm.weight', 'unbiased'],
    ]);
    const withHead = new Map([...weights, ['score.weight', {shape: [2, 3]}]]);
    expect(names(bitFitWeights(withHead, {modulesToSave: ['score']}))).toEqual([
      ...['dense/bias', 'layers.0.q_proj.bias', 'score.weight'],
    ]);
  });

  it('has to find some', () => {
    const none = new Map([['kernel', {shape: [2, 2]}]]);
    const found = 'bitFit: of 1 weights none is a vector';
    expect(() => bitFitWeights(none)).toThrow(`${found} whose name ends in bias, expected at least one`);
    expect(() => bitFitWeights(none, {vectors: 'all'})).toThrow(`${found}, expected at least one`);
  });
});

it('bitFit changes every bias and nothing else', async () => {
  const kernel = tf.variable(tf.ones([2, 2]));
  const bias = tf.variable(tf.tensor1d([1, 2]));
  const weights = new Map([
    ['kernel', kernel],
    ['bias', bias],
  ]);
  const optimizer = bitFit(sgd({learningRate: 1}), weights);
  const loss = () => tf.sum(tf.add(kernel, bias)) as tf.Scalar;
  optimizer.minimize(loss, false, [...bitFitWeights(weights).values()]);
  expect([...(await bias.data())]).toEqual([-1, 0]);
  expect([...(await kernel.data())]).toEqual([1, 1, 1, 1]);
  expect((await optimizer.subset()).map(({name}) => name)).toEqual([bias.name]);
  optimizer.dispose();
});
