import * as tf from '@tensorflow/tfjs-core';
import {afterEach, describe, expect, it, vi} from 'vitest';
import {applyDelta} from './apply-delta.js';
import {createDelta} from './create-delta.js';
import type {TensorChange} from './delta.js';

const weights = new Map<string, tf.Tensor>([
  ['w', tf.variable(tf.tensor2d([1, 2, 3, 4], [2, 2]))],
  ['b', tf.tensor1d([5, 6])],
  ['steps', tf.tensor1d([1, 2], 'int32')],
]);
const change: TensorChange = {
  name: 'w',
  shape: [2, 2],
  positions: Uint32Array.of(1, 3),
  values: Float32Array.of(2, 4),
  seeds: Float32Array.of(-2, -4),
};
const base = 'base';

/** What Python's struct and hashlib say of little-endian float32 and int32. */
const SHA256 = {
  seed: '67455a915b682d17cb15bed0dec4399bf7e37f78f5742d208a78ba69a9ff49d6', // 1, -2, 3, -4
  tuned: 'ad73b9acd6e4a74b2f5bb5386658ce3bb146cd040a1867646ab3b973fb6632b1', // 1, 2, 3, 4
  tunedLine: '87b3ac6b5374f640e52a0d007f44ed3b3957d874e1e4c8ba082184aad422728e', // the line "TUNED  w"
  whole: '776eb5462d029bf3b2c116a5fd2c0e2b330390fc446ee236fb5b38bd7b0d5833', // a line of b, one of steps, one of w's seed
};

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('createDelta', () => {
  it('takes the fingerprint of the seed from tuned weights and seeds', async () => {
    expect(await createDelta([change], {base, weights})).toEqual({
      base,
      tensors: [
        {name: 'w', shape: [2, 2], positions: change.positions, values: change.values, seedSha256: SHA256.seed},
      ],
      seedSha256: SHA256.whole,
      tunedSha256: SHA256.tunedLine,
    });
  });

  it("takes the fingerprint of the seed from the seed's weights where no seeds are given", async () => {
    const {seeds: _, ...rest} = {...change, values: Float32Array.of(-2, -4)};
    const {tensors} = await createDelta([rest], {base, weights});
    expect(tensors[0].seedSha256).toBe(SHA256.tuned);
  });

  it('lists no positions where all entries changed', async () => {
    const all = {name: 'b', shape: [2], positions: Uint32Array.of(0, 1), values: Float32Array.of(7, 8)};
    const {tensors} = await createDelta([all], {base, weights});
    expect(tensors[0].positions).toBe('all');
  });

  it('leaves out tensors without a change', async () => {
    const none = {name: 'b', shape: [2], positions: new Uint32Array(), values: new Float32Array()};
    expect((await createDelta([none], {base, weights})).tensors).toEqual([]);
  });

  it('only reads the weights, and leaks no tensor', async () => {
    const before = tf.memory().numTensors;
    await createDelta([change], {base, weights});
    expect(tf.memory().numTensors).toBe(before);
    expect([...((await weights.get('w')?.data()) ?? [])]).toEqual([1, 2, 3, 4]);
  });
});

describe('the fingerprint of the whole seed', () => {
  const of = async (...entries: [string, tf.Tensor][]) =>
    (await createDelta([], {base, weights: new Map(entries)})).seedSha256;

  it('says names, shapes, dtypes and values, and not the order', async () => {
    const w = tf.tensor1d([1, 2]);
    const b = tf.tensor1d([3]);
    const wanted = await of(['w', w], ['b', b]);
    expect(await of(['b', b], ['w', w])).toBe(wanted);
    const zero = tf.tensor1d([0]);
    const others = await Promise.all([
      of(['w', w]),
      of(['w', w], ['c', b]),
      of(['w', b], ['b', w]),
      of(['w', tf.tensor2d([[1, 2]])], ['b', b]),
      of(['w', tf.tensor1d([1, 3])], ['b', b]),
      of(['w', w], ['b', zero]),
      of(['w', w], ['b', tf.tensor1d([-0])]),
      of(['w', w], ['b', tf.tensor1d([0], 'int32')]),
      of(['w', w], ['b', b], ['none', tf.zeros([0])]),
      of(['w', w], ['b', b], ['none', tf.zeros([0, 2])]),
    ]);
    expect(new Set([wanted, ...others]).size).toBe(1 + others.length);
  });

  it('is the same whatever was tuned, and of a tied weight under both names', async () => {
    const pair = (value: number): [string, tf.Tensor][] => {
      const tied = tf.tensor1d([1, value]);
      return ['w', 'head'].map((name) => [name, tied]);
    };
    const tuned = {name: 'w', shape: [2], positions: Uint32Array.of(1), values: Float32Array.of(9)};
    const made = await createDelta([{...tuned, seeds: Float32Array.of(2)}], {base, weights: new Map(pair(9))});
    expect(made.seedSha256).toBe(await of(...pair(2)));
  });

  it('is of the weights as they are at the call', async () => {
    const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 2])));
    const w = tf.tensor1d([1, 2]);
    const making = of(['a', w], ['w', variable]);
    variable.assign(tf.tensor1d([3, 4]));
    variable.dispose();
    expect(await making).toBe(await of(['a', w], ['w', w]));
  });
});

describe('a change that names the variable, not its key', () => {
  const variable = (name: string, ...values: number[]) =>
    tf.tidy(() => tf.variable(tf.tensor2d(values, [2, 2]), true, name));
  afterEach(() => tf.disposeVariables());

  it.each(['scope/w', 'w_1', 'w'])('goes under the key: %s', async (name) => {
    const scoped = new Map<string, tf.Tensor>([
      ['w', variable(name, 1, 2, 3, 4)],
      ['b', variable('scope/b', 1, 1, 1, 1)],
    ]);
    const made = await createDelta([{...change, name}], {base, weights: scoped});
    expect(made).toEqual(await createDelta([change], {base, weights: scoped}));
    expect(made.tensors.map((tensor) => tensor.name)).toEqual(['w']);
    await applyDelta({weights: new Map([['w', variable('another/w', 1, -2, 3, -4)]])}, made);
  });

  it('goes under the first key of a tied weight', async () => {
    const tied = variable('scope/w', 1, 2, 3, 4);
    const both = new Map([
      ['w', tied],
      ['head', tied],
    ]);
    const {tensors} = await createDelta([{...change, name: 'scope/w'}], {base, weights: both});
    expect(tensors.map((tensor) => tensor.name)).toEqual(['w']);
    const byBoth = createDelta([change, {...change, name: 'scope/w'}], {base, weights: both});
    await expect(byBoth).rejects.toThrow('w: this weight is changed twice');
  });

  it('is refused where it is the key of another weight', async () => {
    const crossed = new Map([
      ['w', variable('w_1', 1, 2, 3, 4)],
      ['w_1', variable('w_1_1', 5, 6, 7, 8)],
    ]);
    await expect(createDelta([{...change, name: 'w_1'}], {base, weights: crossed})).rejects.toThrow(
      `w_1: this is a weight's key, and the name of another weight's variable, whose key is "w"`,
    );
    const {tensors} = await createDelta([{...change, name: 'w_1_1'}], {base, weights: crossed});
    expect(tensors.map((tensor) => tensor.name)).toEqual(['w_1']);
  });
});

describe('createDelta refuses', () => {
  it.each<[string, Partial<TensorChange>, string]>([
    ['an unknown name', {name: 'x'}, 'x: the model has no weight of this name'],
    ['__proto__', {name: '__proto__'}, '__proto__: the model has no weight of this name'],
    ['another shape', {shape: [4]}, "w: shape is [4], expected the model's [2,2]"],
    [
      'another dtype',
      {name: 'steps', shape: [2], positions: Uint32Array.of(0, 1)},
      "steps: the model's weight is int32",
    ],
    ['positions that do not ascend', {positions: Uint32Array.of(3, 1)}, 'w: position 1 follows 3'],
    ['a position outside', {positions: Uint32Array.of(3, 4)}, "w: position 4 lies outside the tensor's 4 entries"],
    ['values without positions', {positions: new Uint32Array()}, 'w: 2 values, expected 0'],
    ['positions without values', {values: new Float32Array()}, 'w: 0 values, expected 2'],
    ['too few seeds', {seeds: new Float32Array(1)}, 'w: 1 seeds, expected 2'],
  ])('%s', async (_, wrong, message) => {
    await expect(createDelta([{...change, ...wrong}], {base, weights})).rejects.toThrow(message);
  });

  it('tuned weights without seeds', async () => {
    const {seeds: _, ...rest} = change;
    await expect(createDelta([rest], {base, weights})).rejects.toThrow('w: the weight holds the tuned values');
  });

  it('a weight that changes twice, also under two names', async () => {
    await expect(createDelta([change, change], {base, weights})).rejects.toThrow('w: this weight is changed twice');
    const tied = new Map([...weights, ...[...weights.values()].slice(0, 1).map((w) => ['head', w] as const)]);
    const both = [change, {...change, name: 'head'}];
    await expect(createDelta(both, {base, weights: tied})).rejects.toThrow('head: this weight is changed twice');
  });

  it('weights that cannot be read', async () => {
    const gone = tf.tensor1d([1]);
    gone.dispose();
    const bad: [unknown, string][] = [
      [gone, "x: the model's weight is disposed"],
      [tf.tensor1d(['a']), "x: the model's weight is string, expected numbers"],
      [[1, 2], "x: the model's weight is [1,2], expected a tensor"],
    ];
    for (const [weight, message] of bad) {
      const given = new Map([...weights, ['x', weight as tf.Tensor]]);
      await expect(createDelta([change], {base, weights: given})).rejects.toThrow(new Error(message));
    }
  });

  it('a page without Web Crypto', async () => {
    vi.stubGlobal('crypto', {});
    await expect(createDelta([change], {base, weights})).rejects.toThrow('SHA-256 needs Web Crypto');
  });
});
