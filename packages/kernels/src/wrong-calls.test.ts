import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {conformanceCases} from './conformance.js';
import * as kernels from './index.js';

// As a caller in JavaScript has them: without types.
const js = {...kernels, conformanceCases} as unknown as Record<string, (...given: unknown[]) => unknown>;

let x: tf.Tensor;
let state: kernels.SubsetState<tf.Tensor>;
beforeAll(() => {
  x = tf.tensor1d([1, 2, 3, 4]);
  state = kernels.createState([4]);
});
afterAll(() => tf.dispose([x, ...state]));

const sgd = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'};
/** What the ops take, but for one thing. */
const step = (wrong: object = {}) => [
  {...{parameters: [x], gradients: [x], slots: [], state, numbers: sgd, k: 1}, ...wrong},
];
const projection = (wrong: object = {}) => [{...{proposals: [x], current: [x], state, k: 1}, ...wrong}];

const stepNames = 'parameters, gradients, slots, state, numbers, scale, reselect, overwrite, k, distance, eta';
const projectNames = 'proposals, current, importance, state, reselect, k, distance, eta';
const aState = 'a state: the tensors mask, seeds and info';
const distances = 'one of absolute, relative, weighted';
const normal = '0 or a number that is normal in float32';
const budget = 'expected an integer from 0 to 4, the number of elements to choose from';

/** A function, what it is given (of the tensors), and the whole message. */
const calls: [name: string, given: () => unknown[], message: string][] = [
  ['topKMask', () => [], 'topKMask: x is undefined, expected a tensor'],
  ['topKMask', () => [[1, 2], 1], 'topKMask: x is [1,2], expected a tensor'],
  ['topKMask', () => [x, '1'], `k is "1"; ${budget}`],
  ['topKMask', () => [x], `k is undefined; ${budget}`],
  ['topKMask', () => [x, 1, {y: [1]}], 'topKMask: y is [1], expected a tensor'],
  ['topKMask', () => [x, 1, {eta: '1e-8'}], `topKMask: eta is "1e-8", expected ${normal}`],
  ['topKMask', () => [x, 1, {k: 1}], 'topKMask: there is no option "k" (1), expected distance, eta, y, importance'],
  ['subsetSteps', () => [7], 'subsetSteps: steps is 7, expected an array of what subsetStep takes'],
  ['subsetSteps', () => [[...step(), ...step({k: 5})]], `k is 5; ${budget}`],
  ['subsetProject', () => [], `subsetProject: the options are undefined, expected an object with ${projectNames}`],
  [
    'subsetProject',
    () => projection({proposals: x.shape}),
    'subsetProject: proposals is [4], expected an array of tensors',
  ],
  [
    'subsetProject',
    () => projection({current: undefined}),
    'subsetProject: current is undefined, expected an array of tensors',
  ],
  ['subsetProject', () => projection({state: [x]}), `subsetProject: state is [a Tensor], expected ${aState}`],
  ['subsetProject', () => projection({k: -1}), `k is -1; ${budget}`],
  ['subsetProject', () => projection({distance: 'far'}), `subsetProject: distance is "far", expected ${distances}`],
  ['subsetProject', () => projection({eta: null}), `subsetProject: eta is null, expected ${normal}`],
  ['subsetProject', () => projection({reselect: 0}), 'subsetProject: reselect is 0, expected true or false'],
  [
    'subsetProject',
    () => projection({density: 0.1}),
    `subsetProject: there is no option "density" (0.1), expected ${projectNames}`,
  ],
  ['subsetStep', () => [null], `subsetStep: the options are null, expected an object with ${stepNames}`],
  ['subsetStep', () => step({parameters: [[1]]}), 'subsetStep: parameters is [[1]], expected an array of tensors'],
  ['subsetStep', () => step({gradients: {}}), 'subsetStep: gradients is {}, expected an array of tensors'],
  ['subsetStep', () => step({slots: [1]}), 'subsetStep: slots is [1], expected an array of arrays of tensors'],
  ['subsetStep', () => step({state: {}}), `subsetStep: state is {}, expected ${aState}`],
  ['subsetStep', () => step({scale: 1}), 'subsetStep: scale is 1, expected a tensor'],
  [
    'subsetStep',
    () => step({numbers: undefined}),
    "subsetStep: numbers is undefined, expected an object with a rule's numbers",
  ],
  ['subsetStep', () => step({numbers: {}}), 'rule is undefined; expected one of sgd, momentum, adam'],
  [
    'subsetStep',
    () => step({numbers: {...sgd, learningRate: '1'}}),
    'subsetStep: numbers: learningRate is "1", expected a number',
  ],
  [
    'subsetStep',
    () => step({numbers: {...sgd, rule: 'adam'}}),
    'subsetStep: numbers: beta1 is undefined, expected a number',
  ],
  ['subsetStep', () => step({budget: 1}), `subsetStep: there is no option "budget" (1), expected ${stepNames}`],
  ['createState', () => [4], 'sizes is 4, expected an array with the size of each tensor of the silo'],
  ['conformanceCases', () => [{path: 'fast'}], 'conformanceCases: path is "fast", expected one of fused, fallback'],
  [
    'conformanceCases',
    () => [{path: 'fused', kernels: ['topk']}],
    'conformanceCases: kernels is ["topk"], expected an array of names among TopKMask, SubsetProject, SubsetStep',
  ],
];

describe('a wrong call is answered by name and changes nothing', () => {
  it.each(calls)('%s, case %#', (name, given, message) => {
    const {numTensors} = tf.memory();
    expect(() => js[name](...given())).toThrow(new Error(message));
    expect(tf.memory().numTensors).toBe(numTensors);
    expect([x, ...state].some(({isDisposed}) => isDisposed)).toBe(false);
    expect([...x.dataSync()]).toEqual([1, 2, 3, 4]);
  });
});
