import {
  createState,
  type FusedRule,
  type SubsetState,
  type SubsetStepResult,
  SubsetSteps,
  subsetStep,
  subsetSteps,
} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {describe, expect, it} from 'vitest';
import type {NodeBackend} from './node-backend.js';
import {register} from './register.js';

const SIZE = 4096;
const K = 3;
const numbers: FusedRule = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'};

describe('parameters that a step may overwrite', () => {
  register();
  const backend = tf.backend() as NodeBackend;
  const idOf = ({dataId}: tf.Tensor) => backend.tensorMap.get(dataId).id;

  /** What becomes of a tensor, and a state of its own, where the first elements' gradients are largest. */
  function step(parameter: tf.Tensor, state: SubsetState<tf.Tensor>, gradient = falling()) {
    const given = {parameters: [parameter], gradients: [gradient], slots: [], state, numbers, k: K};
    try {
      const result = subsetStep({...given, overwrite: true});
      return {parameter: result.parameters[0], state: result.state};
    } finally {
      gradient.dispose();
    }
  }

  function falling(): tf.Tensor {
    return tf.tensor1d(Float32Array.from({length: SIZE}, (_, i) => SIZE - i));
  }

  /** As the engine runs it: its types know only dictionaries. */
  function runKernel(name: string, inputs: tf.Tensor[], attrs: object): void {
    tf.engine().runKernel(name, inputs as unknown as tf.NamedTensorMap, attrs as unknown as tf.NamedAttrMap);
  }

  /** From its seed of zeros, after so many steps. */
  function expected(steps: number): number[] {
    return Array.from({length: SIZE}, (_, i) => (i < K ? -steps * (SIZE - i) : 0));
  }

  async function values(tensor: tf.Tensor): Promise<number[]> {
    return [...(await tensor.data())];
  }

  it('are written where they lie from the second step on', async () => {
    const start = tf.mul(tf.zeros([SIZE]), 1);
    const first = step(start, createState([SIZE]));
    // The memory was TensorFlow's.
    expect(await values(start)).toEqual(Array(SIZE).fill(0));
    const second = step(first.parameter, first.state);
    expect(idOf(first.parameter)).toBe(-1);
    expect(await values(second.parameter)).toEqual(expected(2));
    tf.dispose([start, first, second]);
  });

  it.each([
    ['a clone', tf.clone],
    ['a view', (tensor: tf.Tensor) => tf.reshape(tensor, [SIZE / 2, 2])],
  ])('are not written into %s that shares their memory', async (_, share) => {
    const start = tf.zeros([SIZE]);
    const first = step(start, createState([SIZE]));
    const shared = share(first.parameter);
    const second = step(first.parameter, first.state);
    const third = step(second.parameter, second.state);
    expect(await values(shared)).toEqual(expected(1));
    expect(await values(third.parameter)).toEqual(expected(3));
    tf.dispose([start, first, second, third, shared]);
  });

  it('may be their own gradients', async () => {
    const start = tf.tensor1d(Float32Array.from({length: SIZE}, (_, i) => SIZE - i));
    let {parameter, state} = step(start, createState([SIZE]), tf.zeros([SIZE]));
    for (let i = 0; i < 2; i++) {
      const before = parameter;
      const given = {parameters: [before], gradients: [before], slots: [], state, numbers, k: K};
      const result = subsetStep({...given, overwrite: true});
      [parameter, state] = [result.parameters[0], result.state];
      before.dispose();
    }
    // Each of the largest becomes zero, and stays so.
    expect(await values(parameter)).toEqual(Array.from({length: SIZE}, (_, i) => (i < K ? 0 : SIZE - i)));
    tf.dispose([start, parameter, state]);
  });

  it('are given back as they were where a step fails', async () => {
    const start = tf.zeros([SIZE]);
    const first = step(start, createState([SIZE]));
    const gradient = tf.mul(falling(), 1);
    // The addon then knows the gradient no more.
    const id = idOf(gradient);
    backend.binding.deleteTensor(id);
    expect(() => step(first.parameter, first.state, gradient)).toThrow(`tensor_id: ${id}`);
    expect(await values(first.parameter)).toEqual(expected(1));
    const second = step(first.parameter, first.state);
    expect(await values(second.parameter)).toEqual(expected(2));
    tf.dispose([start, first, second]);
  });

  it('are given back as they were in all silos where one fails', async () => {
    const starts = [tf.zeros([SIZE]), tf.zeros([SIZE])];
    const firsts = starts.map((start) => step(start, createState([SIZE])));
    const gradients = starts.map(() => tf.mul(falling(), 1));
    const steps = firsts.map(({parameter, state}, i) => {
      const given = {parameters: [parameter], gradients: [gradients[i]], slots: [], state, numbers, k: K};
      return {...given, overwrite: true};
    });
    const id = idOf(gradients[1]);
    backend.binding.deleteTensor(id);
    expect(() => subsetSteps(steps)).toThrow(`tensor_id: ${id}`);
    for (const {parameter} of firsts) expect(await values(parameter)).toEqual(expected(1));
    const fine = falling();
    const seconds = subsetSteps(steps.map((given) => ({...given, gradients: [fine]}))) ?? [];
    expect(seconds.length).toBe(2);
    for (const {parameter} of firsts) expect(idOf(parameter)).toBe(-1);
    for (const {parameters} of seconds) expect(await values(parameters[0])).toEqual(expected(2));
    tf.dispose([starts, firsts.map(({parameter}) => parameter), fine, gradients[0], seconds]);
  });

  it('are as they were in all silos where the op itself fails', async () => {
    const firsts = [0, 1].map(() => step(tf.zeros([SIZE]), createState([SIZE])));
    const gradient = falling();
    const inputs = firsts.flatMap(({parameter, state}) => [parameter, gradient, ...state]);
    const attrs = {
      sizes: [SIZE],
      distance: 'absolute',
      eta: 1,
      reselect: true,
      overwrite: true,
      numbers,
      scaled: false,
    };
    // Nobody has memory for the seeds of so many.
    const steps = [
      {...attrs, k: K},
      {...attrs, k: 2 ** 50},
    ];
    expect(() => runKernel(SubsetSteps, inputs, {steps})).toThrow();
    const seconds = firsts.map(({parameter, state}) => step(parameter, state));
    for (const {parameter} of seconds) expect(await values(parameter)).toEqual(expected(2));
    tf.dispose([firsts.map(({parameter}) => parameter), gradient, seconds]);
  });

  it('are not overwritten where another silo reads or overwrites them', async () => {
    const start = tf.zeros([SIZE]);
    const {parameter, state} = step(start, createState([SIZE]));
    const gradient = falling();
    const others = [createState([SIZE]), createState([SIZE])];
    const given = {slots: [], numbers, k: K, overwrite: true};
    const results = subsetSteps([
      {...given, parameters: [parameter], gradients: [gradient], state},
      {...given, parameters: [tf.zeros([SIZE])], gradients: [parameter], state: others[0]},
      {...given, parameters: [parameter], gradients: [gradient], state: others[1]},
    ]);
    const [first, second, third] = (results ?? []).map(({parameters}) => values(parameters[0]));
    expect(await first).toEqual(expected(2));
    expect(await second).toEqual(expected(1).map((value) => 0 - value));
    // To this one's eyes what the parameter was is its seed.
    expect(await third).toEqual(expected(2));
  });

  it('of six large silos are what they are silo by silo', async () => {
    const size = 600_000;
    const adam: FusedRule = {
      ...{rule: 'adam', learningRate: 0.01, weightDecay: 0, decayTowards: 'zero'},
      ...{beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 0.1, correction2: 0.001},
    };
    const begin = () => ({
      parameters: [tf.zeros([size])],
      slots: [[tf.zeros([size])], [tf.zeros([size])]],
      state: createState([size]),
    });
    let [joint, single]: SubsetStepResult[][] = [0, 1].map(() => Array.from({length: 6}, begin));
    for (let turn = 0; turn < 3; turn++) {
      const gradients = joint.map((_, i) => tf.randomNormal([size], 0, 1, 'float32', 100 * turn + i));
      const given = (silos: SubsetStepResult[]) =>
        silos.map((silo, i) => ({...silo, gradients: [gradients[i]], numbers: adam, k: 600, overwrite: true}));
      const next = [subsetSteps(given(joint)) ?? [], given(single).map(subsetStep)];
      tf.dispose([gradients, [...joint, ...single].map(({parameters}) => parameters)]);
      [joint, single] = next;
      for (const [i, silo] of single.entries()) {
        const tensors = [joint[i], silo].map(({parameters, slots}) => [...parameters, ...slots.flat()]);
        for (const [j, tensor] of tensors[0].entries()) {
          expect(
            Buffer.from((await tensor.data()).buffer).equals(Buffer.from((await tensors[1][j].data()).buffer)),
          ).toBe(true);
        }
      }
    }
    tf.dispose([joint, single]);
  });

  it('leave no handle behind', () => {
    const counted = backend.binding as NodeBackend['binding'] & {getNumOfTensors(): number};
    const variable = tf.variable(tf.zeros([SIZE]));
    let state = createState([SIZE]);
    const turn = () => {
      const result = step(variable, state);
      variable.assign(result.parameter);
      result.parameter.dispose();
      state = result.state;
    };
    turn();
    const before = counted.getNumOfTensors();
    for (let i = 0; i < 5; i++) turn();
    expect(counted.getNumOfTensors()).toBe(before);
    tf.dispose([variable, state]);
  });
});
