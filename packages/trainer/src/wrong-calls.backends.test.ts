import * as tf from '@tensorflow/tfjs';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {batchesByTokens} from './batches-by-tokens.js';
import {train} from './train.js';

// As a caller in JavaScript has them: without types.
const js = {train, batchesByTokens} as unknown as Record<string, (...given: unknown[]) => unknown>;

let weights: Map<string, tf.Variable>;
beforeAll(() => {
  weights = new Map([['w', tf.variable(tf.tensor1d([1, 2, 3, 4]), true, 'w')]]);
});
afterAll(() => tf.disposeVariables());

const loss = () => tf.sum(tf.square(tf.ones([4])));
const optimizer = tf.train.sgd(0.1);
/** What train takes, but for one thing. */
const but = (wrong: object) => [
  {...{model: {weights, loss}, optimizer, batches: [1], steps: 1, tokensOf: () => 1}, ...wrong},
];
const lengthOf = () => 1;

const names = 'model, optimizer, batches, steps, tokensOf, onStep, stopAtNonFiniteLoss, signal';
const aModel = 'a model: an object with loss, a function, and weights, a Map of names to variables';
const anOptimizer =
  'an optimizer, such as dynamicSubset(adamw({learningRate: 1e-3}), {density: 0.01}) or one of tf.train';
const batches = 'an array of batches, or another iterable or async iterable of such';
const atLeastOne = 'a whole number of at least 1';

/** A function, what it is given (of the weights), and the whole message. */
const calls: [name: string, given: () => unknown[], message: string][] = [
  ['train', () => [], `train: the options are undefined, expected an object with ${names}`],
  ['train', () => [weights], `train: the options are a Map of 1, expected an object with ${names}`],
  ['train', () => but({model: weights}), `train: model is a Map of 1, expected ${aModel}`],
  ['train', () => but({model: undefined}), `train: model is undefined, expected ${aModel}`],
  ['train', () => but({model: {weights: {}, loss: 1}}), `train: model is {"weights":{},"loss":1}, expected ${aModel}`],
  ['train', () => but({optimizer: 'sgd'}), `train: optimizer is "sgd", expected ${anOptimizer}`],
  [
    'train',
    () => but({optimizer: {kind: 'elementwise'}}),
    `train: optimizer is {"kind":"elementwise"}, expected ${anOptimizer}`,
  ],
  ['train', () => but({batches: 3}), `train: batches is 3, expected ${batches}`],
  ['train', () => but({batches: () => [1]}), `train: batches is the function batches, expected ${batches}`],
  ['train', () => but({steps: '3'}), `train: steps is "3", expected ${atLeastOne}`],
  ['train', () => but({steps: Number.POSITIVE_INFINITY}), `train: steps is Infinity, expected ${atLeastOne}`],
  ['train', () => but({tokensOf: 8}), 'train: tokensOf is 8, expected a function'],
  ['train', () => but({onStep: null}), 'train: onStep is null, expected a function'],
  ['train', () => but({stopAtNonFiniteLoss: 1}), 'train: stopAtNonFiniteLoss is 1, expected true or false'],
  ['train', () => but({signal: true}), 'train: signal is true, expected an AbortSignal'],
  ['train', () => but({onstep: loss}), `train: there is no option "onstep" (the function loss), expected ${names}`],
  ['batchesByTokens', () => [7], 'batchesByTokens: examples is 7, expected an array of examples'],
  [
    'batchesByTokens',
    () => [[1]],
    'batchesByTokens: the options are undefined, expected an object with tokens, seed, lengthOf',
  ],
  [
    'batchesByTokens',
    () => [[1], {tokens: 0, seed: 1, lengthOf}],
    `batchesByTokens: tokens is 0, expected ${atLeastOne}`,
  ],
  [
    'batchesByTokens',
    () => [[1], {tokens: 8, seed: '1', lengthOf}],
    'batchesByTokens: seed is "1", expected a whole number',
  ],
  ['batchesByTokens', () => [[1], {tokens: 8, seed: 1}], 'batchesByTokens: lengthOf is undefined, expected a function'],
  [
    'batchesByTokens',
    () => [[{}], {tokens: 8, seed: 1, lengthOf: ({ids}: {ids?: number}) => ids}],
    'batchesByTokens: lengthOf of example 0 is undefined, expected a whole number of at least 0',
  ],
  [
    'batchesByTokens',
    () => [[1], {token: 8, seed: 1, lengthOf}],
    'batchesByTokens: there is no option "token" (8), expected tokens, seed, lengthOf',
  ],
];

describe('a wrong call is answered by name and changes nothing', () => {
  it.each(calls)('%s, case %#', async (name, given, message) => {
    const {numTensors} = tf.memory();
    await expect(async () => js[name](...given())).rejects.toThrow(new Error(message));
    expect(tf.memory().numTensors).toBe(numTensors);
    expect([...((await weights.get('w')?.data()) ?? [])]).toEqual([1, 2, 3, 4]);
  });
});
