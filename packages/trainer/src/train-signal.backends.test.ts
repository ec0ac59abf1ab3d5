import {adamw, dynamicSubset} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs-core';
import {expect, it} from 'vitest';
import {type TrainOptions, train} from './train.js';

type Training = Omit<TrainOptions<number[]>, 'steps'>;

/** Eight weights that are drawn to as many places in turn, two of them at a time. */
async function withTraining(test: (training: Training, weights: () => Promise<number[]>) => Promise<void>) {
  const before = tf.memory().numTensors;
  const x = tf.tidy(() => tf.variable(tf.zeros([8]), true, `x${before}`));
  const optimizer = dynamicSubset(adamw({learningRate: 0.1}), {parameters: 2});
  const targets = Array.from({length: 20}, (_, step) => Array.from({length: 8}, (_, i) => ((3 * i + step) % 7) - 3));
  const loss = (target: number[]) => tf.mean<tf.Scalar>(tf.squaredDifference(x, target));
  const model = {weights: new Map([[x.name, x]]), loss};
  try {
    await test({model, optimizer, batches: targets.values(), tokensOf: () => 8}, async () => [...(await x.data())]);
  } finally {
    optimizer.dispose();
    x.dispose();
  }
  expect(tf.memory().numTensors).toBe(before);
}

it('stops between steps with the signal’s reason, and goes on as if it had not', async () => {
  let whole: number[] = [];
  await withTraining(async (training, weights) => {
    await train({...training, steps: 10});
    whole = await weights();
  });
  expect(whole.filter((weight) => weight !== 0)).toHaveLength(2);
  await withTraining(async (training, weights) => {
    const reason = new Error('enough for now');
    const stop = new AbortController();
    const steps: number[] = [];
    const onStep = ({step}: {step: number}) => {
      steps.push(step);
      if (step === 3) stop.abort(reason);
    };
    await expect(train({...training, steps: 10, onStep, signal: stop.signal})).rejects.toBe(reason);
    expect(steps).toEqual([1, 2, 3]);
    await expect(train({...training, steps: 7, signal: stop.signal})).rejects.toBe(reason);
    expect(await train({...training, steps: 7, signal: new AbortController().signal})).toHaveLength(7);
    expect(await weights()).toEqual(whole);
  });
});

it('stops when another task of the event loop says so', async () => {
  await withTraining(async (training) => {
    const batches = (function* () {
      for (;;) yield [1, 2, 3, 4, 5, 6, 7, 8];
    })();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 0);
    await expect(train({...training, batches, steps: 1e9, signal: stop.signal})).rejects.toThrow('abort');
  });
});

it('begins nothing where the signal is aborted already, and ends as ever where the last step was taken', async () => {
  await withTraining(async (training, weights) => {
    await expect(train({...training, steps: 2, signal: AbortSignal.abort('too late')})).rejects.toBe('too late');
    expect(await weights()).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    const stop = new AbortController();
    const onStep = ({step}: {step: number}) => void (step === 20 && stop.abort());
    // All twenty batches are still there.
    expect(await train({...training, steps: 20, onStep, signal: stop.signal})).toHaveLength(20);
  });
});
