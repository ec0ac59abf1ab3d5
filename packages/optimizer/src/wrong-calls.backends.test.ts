import {show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import * as optimizer from './index.js';

// As a caller in JavaScript has them: without types.
const js = optimizer as unknown as Record<string, (...given: unknown[]) => unknown>;
const {adamw, sgd, dynamicSubset, linear} = optimizer;

const rule = sgd({learningRate: 0.1});
const adam = tf.train.adam(0.1);
const buffer = new ArrayBuffer(8);
const names = {
  rule: 'learningRate, weightDecay, decayTowards',
  subset: 'density, parameters, whole, silos, distance, eta, reselectEvery, freezeAfter, variables, initialSubset',
};
const rate = 'a number of at least 0, or what linear, exponential, cosine or warmup make of such';
const density = 'a number above 0 and at most 1, or what linear, exponential, cosine or warmup make of such';
const count = 'a whole number of at least 1, or what linear, exponential, cosine or warmup make of such';
const aRule =
  'an update rule, such as adamw({learningRate: 1e-3}); project(optimizer, options) is for an optimizer of tfjs';
const anOptimizer =
  'an optimizer of tfjs, such as tf.train.adam(1e-3); dynamicSubset(rule, options) is for an update rule';
const siloKind = "tensor, layer, global, a function of a variable's name, or an object from its name to its silo's";
const belowOne = 'a number from 0 to below 1';
const atLeastZero = 'a number of at least 0';

/** A function, what it is given, and the whole message. */
const calls: [name: string, given: unknown[], message: string][] = [
  // Rules.
  ['adamw', [], `adamw: the options are undefined, expected an object with ${names.rule}, beta1, beta2, epsilon`],
  ['adamw', [1e-3], `adamw: the options are 0.001, expected an object with ${names.rule}, beta1, beta2, epsilon`],
  ['adamw', [{}], `adamw: learningRate is undefined, expected ${rate}`],
  ['adamw', [{lr: 0.1}], `adamw: there is no option "lr" (0.1), expected ${names.rule}, beta1, beta2, epsilon`],
  ['adamw', [{learningRate: '0.1'}], `adamw: learningRate is "0.1", expected ${rate}`],
  ['adamw', [{learningRate: -0.1}], `adamw: learningRate is -0.1, expected ${rate}`],
  ['adamw', [{learningRate: Number.NaN}], `adamw: learningRate is NaN, expected ${rate}`],
  ['adamw', [{learningRate: {kind: 'step'}}], `adamw: learningRate is {"kind":"step"}, expected ${rate}`],
  [
    'adamw',
    [{learningRate: {kind: 'linear', from: 0.1, to: -0.1, steps: 3}}],
    `adamw: learningRate is {"kind":"linear","from":0.1,"to":-0.1,"steps":3}, expected ${rate}`,
  ],
  [
    'adamw',
    [{learningRate: {kind: 'warmup', steps: 3, after: {kind: 'sine'}}}],
    `adamw: learningRate is {"kind":"warmup","steps":3,"after":{"kind":"sine"}}, expected ${rate}`,
  ],
  ['adamw', [{learningRate: 0.1, beta1: 1}], `adamw: beta1 is 1, expected ${belowOne}`],
  ['adam', [{learningRate: 0.1, beta2: -0.1}], `adam: beta2 is -0.1, expected ${belowOne}`],
  ['adam', [{learningRate: 0.1, epsilon: '1e-8'}], `adam: epsilon is "1e-8", expected ${atLeastZero}`],
  ['adam', [{learningRate: 0.1, weightDecay: -1}], `adam: weightDecay is -1, expected ${atLeastZero}`],
  ['sgd', [{learningRate: 0.1, decayTowards: 'one'}], 'sgd: decayTowards is "one", expected one of zero, seed'],
  ['sgd', [{learningRate: 0.1, momentum: 0.9}], `sgd: there is no option "momentum" (0.9), expected ${names.rule}`],
  ['momentum', [{learningRate: 0.1, momentum: 1}], `momentum: momentum is 1, expected ${belowOne}`],
  ['momentum', [{learningRate: 0.1, nesterov: 1}], 'momentum: nesterov is 1, expected true or false'],
  ['adafactor', [{learningRate: 0.1, beta2Decay: 0.8}], 'adafactor: beta2Decay is 0.8, expected a number of at most 0'],
  ['adafactor', [{learningRate: 0.1, epsilon1: -1}], `adafactor: epsilon1 is -1, expected ${atLeastZero}`],
  ['adafactor', [{learningRate: 0.1, clipThreshold: 0}], 'adafactor: clipThreshold is 0, expected a number above 0'],
  // Schedules.
  ['linear', [], 'linear: the options are undefined, expected an object with from, to, steps, after'],
  ['linear', [{from: 0, to: '1', steps: 3}], 'linear: to is "1", expected a number'],
  ['cosine', [{from: 0, to: 1, steps: 0}], 'cosine: steps is 0, expected a whole number of at least 1'],
  ['cosine', [{form: 0, to: 1, steps: 3}], 'cosine: there is no option "form" (0), expected from, to, steps, after'],
  [
    'warmup',
    [{steps: 3}],
    'warmup: after is undefined, expected a number, or what linear, exponential, cosine or warmup make of such',
  ],
  [
    'valueAt',
    ['1', 0],
    'valueAt: schedule is "1", expected a number, or what linear, exponential, cosine or warmup make of such',
  ],
  ['valueAt', [1, -1], 'valueAt: step is -1, expected a whole number of at least 0'],
  // The subset: a budget …
  [
    'dynamicSubset',
    [rule],
    `dynamicSubset: the options are undefined, expected an object with ${names.subset}, clipNorm`,
  ],
  [
    'dynamicSubset',
    [rule, 0.1],
    `dynamicSubset: the options are 0.1, expected an object with ${names.subset}, clipNorm`,
  ],
  ['dynamicSubset', [rule, {}], 'budget: the options are {}, expected either density or parameters, got none'],
  [
    'dynamicSubset',
    [rule, {density: 0.1, parameters: 1}],
    'budget: the options are {"density":0.1,"parameters":1}, expected either density or parameters, got both',
  ],
  [
    'dynamicSubset',
    [rule, {densty: 0.1}],
    `dynamicSubset: there is no option "densty" (0.1), expected ${names.subset}, clipNorm`,
  ],
  [
    'dynamicSubset',
    [rule, {density: 0.1, clipnorm: 1}],
    `dynamicSubset: there is no option "clipnorm" (1), expected ${names.subset}, clipNorm`,
  ],
  ['dynamicSubset', [rule, {density: 0}], `dynamicSubset: density is 0, expected ${density}`],
  ['dynamicSubset', [rule, {density: 2}], `dynamicSubset: density is 2, expected ${density}`],
  ['dynamicSubset', [rule, {density: Number.NaN}], `dynamicSubset: density is NaN, expected ${density}`],
  ['dynamicSubset', [rule, {density: '1%'}], `dynamicSubset: density is "1%", expected ${density}`],
  [
    'dynamicSubset',
    [rule, {density: linear({from: 0.1, to: 0, steps: 9})}],
    `dynamicSubset: density is {"kind":"linear","from":0.1,"to":0,"steps":9}, expected ${density}`,
  ],
  ['dynamicSubset', [rule, {parameters: 0}], `dynamicSubset: parameters is 0, expected ${count}`],
  ['dynamicSubset', [rule, {parameters: 2.5}], `dynamicSubset: parameters is 2.5, expected ${count}`],
  // … and the other options.
  ['dynamicSubset', [rule, {density: 1, silos: 'tensors'}], `dynamicSubset: silos is "tensors", expected ${siloKind}`],
  ['dynamicSubset', [rule, {density: 1, silos: {w: 1}}], `dynamicSubset: silos is {"w":1}, expected ${siloKind}`],
  [
    'dynamicSubset',
    [rule, {density: 1, distance: 'manhattan'}],
    'dynamicSubset: distance is "manhattan", expected one of absolute, relative, weighted, fisher',
  ],
  [
    'dynamicSubset',
    [rule, {density: 1, eta: 1e-40}],
    'dynamicSubset: eta is 1e-40, expected a number above 0 that is normal in float32',
  ],
  [
    'dynamicSubset',
    [rule, {density: 1, reselectEvery: 0}],
    'dynamicSubset: reselectEvery is 0, expected a whole number of at least 1',
  ],
  [
    'dynamicSubset',
    [rule, {density: 1, freezeAfter: -1}],
    'dynamicSubset: freezeAfter is -1, expected a whole number of at least 0',
  ],
  ['dynamicSubset', [rule, {density: 1, clipNorm: -1}], 'dynamicSubset: clipNorm is -1, expected a number above 0'],
  [
    'dynamicSubset',
    [rule, {density: 1, variables: 'w'}],
    'dynamicSubset: variables is "w", expected an array of names, each once',
  ],
  [
    'dynamicSubset',
    [rule, {density: 1, variables: ['w', 'w']}],
    'dynamicSubset: variables is ["w","w"], expected an array of names, each once',
  ],
  [
    'dynamicSubset',
    [rule, {density: 1, whole: 'w'}],
    'dynamicSubset: whole is "w", expected an array of names, each once',
  ],
  [
    'dynamicSubset',
    [rule, {density: 1, initialSubset: [Uint32Array.of(1)]}],
    'dynamicSubset: initialSubset is [a Uint32Array of 4 bytes], expected a function',
  ],
  // What is no rule, and what is no optimizer.
  ['dynamicSubset', [adam, {density: 1}], `dynamicSubset: rule is ${show(adam)}, expected ${aRule}`],
  ['dynamicSubset', [adamw, {density: 1}], `dynamicSubset: rule is the function adamw, expected ${aRule}`],
  ['dynamicSubset', [{density: 1}], `dynamicSubset: rule is {"density":1}, expected ${aRule}`],
  ['dynamicSubset', [], `dynamicSubset: rule is undefined, expected ${aRule}`],
  ['project', ['adam', {density: 1}], `project: optimizer is "adam", expected ${anOptimizer}`],
  ['project', [adam], `project: the options are undefined, expected an object with ${names.subset}, importance`],
  ['project', [adam, {density: 2}], `project: density is 2, expected ${density}`],
  [
    'project',
    [adam, {density: 1, clipNorm: 1}],
    `project: there is no option "clipNorm" (1), expected ${names.subset}, importance`,
  ],
  // The rest.
  ['ruleFromConfig', ['adamw'], 'rule is "adamw", expected an object'],
  ['ruleFromConfig', [{rule: 'rprop'}], 'rule is "rprop", expected one of sgd, momentum, adam, adamw, adafactor'],
  ['totalBudget', [{density: 2}, 10, 0], `budget: density is 2, expected ${density}`],
  ['siloOf', ['tensors', 'w'], `siloOf: kind is "tensors", expected ${siloKind}`],
  ['clipScale', [[buffer], 1], 'clipScale: gradients is [an ArrayBuffer of 8 bytes], expected an array of tensors'],
  ['clipScale', [[], 0], 'clipScale: limit is 0, expected a number above 0'],
];

let weights: tf.Variable;
beforeAll(() => {
  weights = tf.variable(tf.tensor1d([1, 2, 3, 4]), true, 'w');
});
afterAll(() => tf.disposeVariables());

/** That a call is answered so, that it leaves no tensor, and that the weights are what they were. */
async function expectRefused(call: () => unknown, message: string): Promise<void> {
  const {numTensors} = tf.memory();
  await expect(async () => call()).rejects.toThrow(new Error(message));
  expect(tf.memory().numTensors).toBe(numTensors);
  expect([...(await weights.data())]).toEqual([1, 2, 3, 4]);
}

describe('a wrong call', () => {
  it.each(calls)('%s of %o', (name, given, message) => expectRefused(() => js[name](...given), message));

  it('project of a subset optimizer', () => {
    const subset = dynamicSubset(rule, {density: 1});
    return expectRefused(
      () => js.project(subset, {density: 1}),
      `project: optimizer is ${show(subset)}, expected ${anOptimizer}`,
    );
  });

  it('project of a rule', () =>
    expectRefused(
      () => js.project(rule, {density: 1}),
      `project: optimizer is ${show(rule)}, expected ${anOptimizer}`,
    ));
});

describe('a wrong call of an optimizer', () => {
  const gradient = 'expected an object {name: gradient} or an array of {name, tensor}';
  it.each<[given: unknown, message: string]>([
    [undefined, `applyGradients: gradients is undefined, ${gradient}`],
    [new Map([['w', 1]]), `applyGradients: gradients is a Map of 1, ${gradient}`],
    [[1], `applyGradients: gradients is [1], ${gradient}`],
    [{w: [1, 2, 3, 4]}, "the gradient of 'w' is [1,2,3,4], expected a tensor"],
  ])('applyGradients of %o', async (given, message) => {
    const made = dynamicSubset(rule, {parameters: 2});
    await expectRefused(() => made.applyGradients(given as tf.NamedTensorMap), message);
    made.dispose();
  });

  it('applyGradients of a disposed tensor', async () => {
    const gone = tf.ones([4]);
    gone.dispose();
    const made = dynamicSubset(rule, {parameters: 2});
    const message = "the gradient of 'w' is disposed, expected a tensor that is not";
    await expectRefused(() => made.applyGradients({w: gone}), message);
    made.dispose();
  });

  const list = 'an array with a Uint32Array for each tensor';
  it.each<[given: unknown, message: string]>([
    [undefined, `initialSubset of silo 'w' is undefined, expected ${list}`],
    [[[1]], `initialSubset of silo 'w' is [[1]], expected ${list}`],
    [[], "initialSubset of silo 'w' is of 0 tensors, expected 1"],
    [[Uint32Array.of(0, 1, 2)], "initialSubset of silo 'w' has 3 entries, expected at most its budget of 2"],
    [[Uint32Array.of(4)], 'position 0 of tensor 0 is 4; expected ascending places below 4'],
  ])('an initialSubset that gives %o', async (given, message) => {
    const made = dynamicSubset(rule, {parameters: 2, initialSubset: () => given as Uint32Array[]});
    const gradients = {w: tf.ones([4])};
    await expectRefused(() => made.applyGradients(gradients), message);
    tf.dispose(gradients);
    made.dispose();
  });

  it.each<[given: unknown, shown: string]>([
    [undefined, 'undefined'],
    [new Map([['iter', 1]]), 'a Map of 1'],
    [[{name: 'iter'}], '[{"name":"iter"}]'],
  ])('setWeights of %o', async (given, shown) => {
    const made = dynamicSubset(rule, {parameters: 2});
    const message = `setWeights: weights is ${shown}, expected an array of {name, tensor}, as getWeights gives`;
    await expectRefused(() => made.setWeights(given as optimizer.NamedTensor[]), message);
    made.dispose();
  });
});
