import {adamw, dynamicSubset} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {batchesByTokens} from './batches-by-tokens.js';
import {type TrainOptions, train} from './train.js';

let weight: tf.Variable;
let optimizer: tf.Optimizer;
/** The batches that reached the loss. */
let seen: number[];
beforeEach(() => {
  const value = tf.tensor1d([1, 2, 3]);
  weight = tf.variable(value);
  value.dispose();
  optimizer = dynamicSubset(adamw({learningRate: 0.1}), {parameters: 2});
  seen = [];
});
afterEach(() => {
  optimizer.dispose();
  weight.dispose();
});

function options(batches: TrainOptions<number>['batches'], more: Partial<TrainOptions<number>> = {}) {
  const loss = (batch: number): tf.Scalar => {
    seen.push(batch);
    if (batch < 0) throw new Error(`no loss of ${batch}`);
    return tf.mean(tf.square(tf.sub(weight, batch)));
  };
  return {model: {weights: new Map([['w', weight]]), loss}, optimizer, batches, steps: 3, tokensOf: () => 1, ...more};
}

/** What happened to a source of batches: how many it was asked for, and whether it was closed. */
interface Watch {
  given: number;
  closed: boolean;
}
const watch = (): Watch => ({given: 0, closed: false});

function* counting(watched: Watch): Generator<number, void> {
  try {
    while (true) yield watched.given++;
  } finally {
    watched.closed = true;
  }
}
async function* countingLater(watched: Watch): AsyncGenerator<number, void> {
  try {
    while (true) {
      await null;
      yield watched.given++;
    }
  } finally {
    watched.closed = true;
  }
}

describe.each<[string, (watched: Watch) => TrainOptions<number>['batches']]>([
  ['a generator', counting],
  ['an async generator', countingLater],
  ['an iterator of an array', () => Array.from({length: 20}, (_, i) => i).values()],
  [
    'an iterator made by hand',
    (watched) => {
      const iterator = counting(watched);
      const made: IterableIterator<number> = {
        next: () => iterator.next(),
        return: () => iterator.return(),
        [Symbol.iterator]: () => made,
      };
      return made;
    },
  ],
  [
    'an async iterator without return',
    (watched) => {
      const iterator = countingLater(watched);
      const made: AsyncIterableIterator<number> = {
        next: () => iterator.next(),
        [Symbol.asyncIterator]: () => made,
      };
      return made;
    },
  ],
  [
    'a generator of promises',
    (watched) => {
      const iterator = counting(watched);
      const promises = (function* () {
        for (const value of iterator) yield Promise.resolve(value);
      })();
      return promises as unknown as Generator<number>; // what for await makes of them
    },
  ],
])('%s', (_, make) => {
  it('goes on where the last training stopped, without a batch left out', async () => {
    const watched = watch();
    const batches = make(watched);
    expect((await train(options(batches))).map(({step}) => step)).toEqual([1, 2, 3]);
    expect((await train(options(batches, {steps: 1}))).length).toBe(1);
    expect((await train(options(batches))).length).toBe(3);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(watched.closed).toBe(false);
    if (watched.given > 0) expect(watched.given).toBe(7);
  });

  it('goes on after an error', async () => {
    const watched = watch();
    const batches = make(watched);
    const onStep = () => {
      throw new Error('stop');
    };
    await expect(train(options(batches, {onStep}))).rejects.toThrow('stop');
    await expect(train(options(batches, {onStep: () => Promise.reject(new Error('later'))}))).rejects.toThrow('later');
    expect((await train(options(batches))).length).toBe(3);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(watched.closed).toBe(false);
  });
});

it('batchesByTokens gives a second training the batches after those of the first', async () => {
  const rows = Array.from({length: 9}, (_, i) => new Array<number>(1 + (i % 3)).fill(i));
  const batches = () => batchesByTokens(rows, {tokens: 4, seed: 1, lengthOf: ({length}) => length});
  const expected = Array.from(
    {length: 12},
    (
      (source) => () =>
        source.next().value
    )(batches()),
  );
  const taken: number[][][] = [];
  const model = {
    weights: new Map([['w', weight]]),
    loss: (batch: number[][]): tf.Scalar => {
      taken.push(batch);
      return tf.mean(tf.square(tf.sub(weight, batch.length)));
    },
  };
  const source = batches();
  for (const steps of [5, 1, 6]) await train({model, optimizer, batches: source, steps, tokensOf: () => 1});
  expect(taken).toEqual(expected);
});

describe('what is no iterator begins anew, and is closed', () => {
  it('an array', async () => {
    const batches = [0, 1, 2, 3];
    for (let i = 0; i < 2; i++) expect((await train(options(batches))).length).toBe(3);
    expect(seen).toEqual([0, 1, 2, 0, 1, 2]);
    expect((await train(options(batches, {steps: 9}))).length).toBe(4);
  });

  it.each<[string, (watched: Watch) => TrainOptions<number>['batches']]>([
    ['sync', (watched) => ({[Symbol.iterator]: () => counting(watched)})],
    ['async', (watched) => ({[Symbol.asyncIterator]: () => countingLater(watched)})],
  ])('%s', async (_, make) => {
    let watched = watch();
    await train(options(make(watched)));
    expect(watched).toEqual({given: 3, closed: true});
    watched = watch();
    const onStep = () => {
      throw new Error('stop');
    };
    await expect(train(options(make(watched), {onStep}))).rejects.toThrow('stop');
    expect(watched).toEqual({given: 1, closed: true});
  });
});

it.each<[string, () => TrainOptions<number>['batches']]>([
  [
    'sync',
    function* () {
      yield 0;
      throw new Error('no batch');
    },
  ],
  [
    'async',
    async function* () {
      yield 0;
      throw new Error('no batch');
    },
  ],
  ['in loss', () => [0, -1, 1]],
])('an error of the batches comes through, after whole steps: %s', async (_, make) => {
  const points: number[] = [];
  const {numTensors} = tf.memory();
  const onStep = ({step}: {step: number}) => void points.push(step);
  await expect(train(options(make(), {onStep}))).rejects.toThrow(/^no (batch|loss of -1)$/);
  expect(points).toEqual([1]);
  optimizer.dispose();
  expect(tf.memory().numTensors).toBe(numTensors);
});

describe('stopAtNonFiniteLoss', () => {
  const bits = async () => new Uint32Array((await weight.data()).slice().buffer);
  const optimizers: [string, () => tf.Optimizer][] = [
    ['dynamicSubset', () => dynamicSubset(adamw({learningRate: 0.1}), {parameters: 2})],
    ['sgd of tfjs', () => tf.train.sgd(0.1)],
    ['adam of tfjs', () => tf.train.adam(0.1)],
  ];

  it.each(optimizers)('takes the same steps where all is finite: %s', async (_, make) => {
    const runs: unknown[] = [];
    for (const stopAtNonFiniteLoss of [false, true]) {
      const start = tf.tensor1d([1, 2, 3]);
      weight.assign(start);
      start.dispose();
      optimizer.dispose();
      optimizer = make();
      const {numTensors} = tf.memory();
      const curve = await train(options([4, 5, 6], {stopAtNonFiniteLoss}));
      runs.push([curve.map(({step, loss, subset}) => ({step, loss, subset})), await bits()]);
      if (make === optimizers[1]?.[1]) expect(tf.memory().numTensors).toBe(numTensors);
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('stops before a step of loss %d, by its number', async (bad) => {
    for (const [, make] of optimizers) {
      optimizer.dispose();
      optimizer = make();
      const states: Uint32Array[] = [];
      const onStep = async () => void states.push(await bits());
      const batches = [4, 5, bad, 6, 7].values();
      await train(options(batches, {steps: 1, onStep, stopAtNonFiniteLoss: true}));
      const {numTensors} = tf.memory();
      await expect(train(options(batches, {onStep, stopAtNonFiniteLoss: true}))).rejects.toThrow(
        new Error(
          `train: the loss of step 2 is ${bad}, expected a finite number; the step is not applied, the weights are as before it`,
        ),
      );
      expect(tf.memory().numTensors).toBe(numTensors);
      expect(states.length).toBe(2);
      expect(await bits()).toEqual(states[1]);
      // And it goes on with the batch after.
      expect((await train(options(batches, {steps: 9, stopAtNonFiniteLoss: true}))).map(({loss}) => loss)).toEqual([
        expect.any(Number),
        expect.any(Number),
      ]);
      expect(seen.splice(0)).toEqual([4, 5, bad, 6, 7]);
      expect((await weight.data()).every(Number.isFinite)).toBe(true);
    }
  });

  it('is off unless asked for', async () => {
    const curve = await train(options([4, Number.NaN, 5]));
    expect(curve.map(({loss}) => Number.isFinite(loss))).toEqual([true, false, true]);
  });
});
