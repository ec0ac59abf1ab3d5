import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {
  adafactor,
  adam,
  adamw,
  dynamicSubset,
  linear,
  momentum,
  type NamedTensor,
  project,
  type Schedule,
  sgd,
  type UpdateRule,
} from './index.js';

afterEach(() => tf.disposeVariables());

const rules: Record<string, (learningRate: Schedule) => UpdateRule> = {
  sgd: (learningRate) => sgd({learningRate}),
  momentum: (learningRate) => momentum({learningRate}),
  adam: (learningRate) => adam({learningRate}),
  adamw: (learningRate) => adamw({learningRate}),
  adafactor: (learningRate) => adafactor({learningRate, weightDecay: 0.1}),
};
interface Rated extends tf.Optimizer {
  learningRate: Schedule;
  setLearningRate(rate: Schedule): void;
}
const ways: Record<string, (optimizer: Rated, rate: Schedule) => void> = {
  'the property': (optimizer, rate) => {
    optimizer.learningRate = rate;
  },
  'the method': (optimizer, rate) => optimizer.setLearningRate(rate),
};
async function trajectory(optimizer: tf.Optimizer, between?: () => void): Promise<number[][]> {
  const weights = tf.variable(tf.tensor1d([1, -2, 3]));
  const values: number[][] = [];
  for (let step = 0; step < 4; step++) {
    if (step === 2) between?.();
    optimizer.minimize(() => tf.sum(tf.square(weights)), false, [weights]);
    values.push([...(await weights.data())]);
  }
  weights.dispose();
  return values;
}

describe.each(Object.entries(ways))('the learning rate, set by %s', (_, set) => {
  it.each(Object.entries(rules))('holds from the next step on: %s', async (_, rule) => {
    const still = dynamicSubset(rule(0.1), {density: 1});
    const stopped = await trajectory(still, () => set(still, 0));
    expect(stopped[1]).not.toEqual(stopped[0]);
    expect(stopped.slice(2)).toEqual([stopped[1], stopped[1]]);

    const schedule = linear({from: 0.1, to: 0, steps: 4});
    const straight = await trajectory(dynamicSubset(rule(schedule), {density: 1}));
    // A schedule counts the optimizer's steps, not those since it was set.
    const late = dynamicSubset(rule(0.1), {density: 1});
    set(late, schedule);
    expect(late.learningRate).toEqual(schedule);
    expect(await trajectory(late)).toEqual(straight);
    expect(late.getConfig()).toEqual(dynamicSubset(rule(schedule), {density: 1}).getConfig());
  });

  const bases: Record<string, (rate: number) => tf.Optimizer> = {
    sgd: (rate) => tf.train.sgd(rate),
    momentum: (rate) => tf.train.momentum(rate, 0.9),
    adagrad: (rate) => tf.train.adagrad(rate),
    adadelta: (rate) => tf.train.adadelta(rate),
    adam: (rate) => tf.train.adam(rate),
    adamax: (rate) => tf.train.adamax(rate),
    rmsprop: (rate) => tf.train.rmsprop(rate),
  };
  it.each(Object.entries(bases))('reaches the base of project: %s', async (_, base) => {
    const optimizer = project(base(0.1), {density: 1});
    const values = await trajectory(optimizer, () => set(optimizer as Rated, 0));
    expect(optimizer.learningRate).toBe(0);
    expect(values[1]).not.toEqual(values[0]);
    expect(values.slice(2)).toEqual([values[1], values[1]]);
    expect(optimizer.getConfig().base).toMatchObject({config: {learningRate: 0}});
    optimizer.dispose();
  });

  const expected = 'expected a number of at least 0';
  it.each([
    ['0.1', `learningRate is "0.1", ${expected}`],
    [-1, `learningRate is -1, ${expected}`],
    [Number.NaN, `learningRate is NaN, ${expected}`],
    [undefined, `learningRate is undefined, ${expected}`],
    [{kind: 'exponential', from: 0.1, to: 0, steps: 9}, 'learningRate is {"kind":"exponential"'],
  ])('is refused where it is none: %j', (rate, message) => {
    const given = rate as number;
    const fused = dynamicSubset(sgd({learningRate: 0.1}), {density: 1});
    const projected = project(tf.train.sgd(0.1), {density: 1});
    for (const optimizer of [fused, projected] as Rated[]) {
      expect(() => set(optimizer, given)).toThrow(message);
      expect(optimizer.learningRate).toBe(0.1);
    }
    projected.dispose();
  });

  it('is refused where the base has none', () => {
    class Still extends tf.Optimizer {
      static readonly className = 'Still';
      applyGradients(_: tf.NamedTensorMap | NamedTensor[]): void {}
      getConfig(): tf.serialization.ConfigDict {
        return {};
      }
    }
    const optimizer = project(new Still(), {density: 1}) as Rated;
    const message = 'learningRate: the base Still has none, expected an optimizer that has';
    expect(() => set(optimizer, 0.1)).toThrow(message);
    expect(() => optimizer.learningRate).toThrow(message);
    optimizer.dispose();
  });
});
