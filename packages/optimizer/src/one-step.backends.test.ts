import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {
  adafactor,
  adam,
  dynamicSubset,
  momentum,
  project,
  type SubsetOptimizer,
  type SubsetOptions,
  sgd,
} from './index.js';

afterEach(() => tf.disposeVariables());

const makers: Record<string, (options: SubsetOptions) => SubsetOptimizer> = {
  sgd: (options) => dynamicSubset(sgd({learningRate: 0.1}), options),
  momentum: (options) => dynamicSubset(momentum({learningRate: 0.1}), options),
  adam: (options) => dynamicSubset(adam({learningRate: 0.1}), options),
  adafactor: (options) => dynamicSubset(adafactor({learningRate: 0.1}), options),
  project: (options) => project(tf.train.sgd(0.1), options),
};
const shapes: Record<string, number[]> = {a: [700], b: [9, 31], c: [1]};

/** Runs some steps, each with the same gradients in every run, and calls in between. */
async function run<T>(make: () => SubsetOptimizer, between: (optimizer: SubsetOptimizer, step: number) => T) {
  for (const [i, [name, shape]] of Object.entries(shapes).entries()) {
    tf.tidy(() => tf.variable(tf.randomNormal(shape, 0, 1, 'float32', i + 1), true, name));
  }
  const optimizer = make();
  const results: T[] = [];
  for (let step = 0; step < 6; step++) {
    const gradients = Object.entries(shapes).map(([name, shape], i) => ({
      name,
      // One that is not finite, now and then.
      tensor:
        name === 'c' ? tf.tensor1d([step % 2 ? 1 : NaN]) : tf.randomNormal(shape, 0, 1, 'float32', 10 * step + i + 1),
    }));
    optimizer.applyGradients(gradients);
    tf.dispose(gradients.map(({tensor}) => tensor));
    results.push(between(optimizer, step));
  }
  const all = await Promise.all(results);
  optimizer.dispose();
  tf.disposeVariables();
  return all;
}

async function describeStep(optimizer: SubsetOptimizer) {
  const [stats, subset, saved] = await Promise.all([optimizer.stats(), optimizer.subset(), optimizer.getWeights()]);
  const weights = await Promise.all(saved.map(async ({name, tensor}) => [name, [...(await tensor.data())]] as const));
  return {stats, subset, weights};
}

describe('what is asked for is of the step at which it was asked, though steps go on meanwhile', () => {
  it.each(
    Object.entries(makers).flatMap(([name, maker]) =>
      (['tensor', 'global'] as const).map((silos) => ({name, silos, make: () => maker({density: 0.1, silos})})),
    ),
  )('$name, $silos', async ({name, make}) => {
    const {numTensors} = tf.memory();
    const expected: Awaited<ReturnType<typeof describeStep>>[] = [];
    for (let last = 0; last < 6; last++) {
      // What it says at its last step, when nothing goes on.
      let final: ReturnType<typeof describeStep> | undefined;
      await run(make, (optimizer, step) => {
        if (step === last) final = describeStep(optimizer);
        return step === last ? final : undefined;
      });
      if (final) expected.push(await final);
    }
    const meanwhile = await run(make, describeStep);
    for (const [step, {stats, subset, weights}] of meanwhile.entries()) {
      expect(stats).toEqual(expected[step].stats);
      expect(subset).toEqual(expected[step].subset);
      // A base answers later: then all of it is of that later step.
      if (name !== 'project') expect(weights).toEqual(expected[step].weights);
    }
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it.each(Object.entries(makers))('and the steps are the same as if nobody asked: %s', async (_, maker) => {
    const last = async (between: (optimizer: SubsetOptimizer) => unknown) => {
      let values: Promise<number[]>[] = [];
      await run(
        () => maker({density: 0.1, silos: 'global'}),
        (optimizer, step) => {
          const asked = between(optimizer);
          if (step < 5) return asked;
          values = Object.keys(shapes).map(async (name) => [...(await tf.engine().registeredVariables[name].data())]);
          return Promise.all([asked, ...values]);
        },
      );
      return Promise.all(values);
    };
    expect(await last(describeStep)).toEqual(await last(() => undefined));
  });
});
