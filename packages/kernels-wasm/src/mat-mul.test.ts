import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';
import {afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import {randomCases} from '../../../test/scale.js';
import {register} from './register.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  register({replace: ['BatchMatMul', '_FusedMatMul']});
});

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensors);
});

interface Case {
  aOuter: number[];
  bOuter: number[];
  m: number;
  k: number;
  n: number;
  transposeA: boolean;
  transposeB: boolean;
}

function shapes({aOuter, bOuter, m, k, n, transposeA, transposeB}: Case): [number[], number[]] {
  return [
    [...aOuter, ...(transposeA ? [k, m] : [m, k])],
    [...bOuter, ...(transposeB ? [n, k] : [k, n])],
  ];
}

/** Numbers in [-1, 1) that are the same everywhere. */
function values(shape: number[], seed: number): Float32Array {
  const size = shape.reduce((product, count) => product * count, 1);
  let state = seed >>> 0;
  return Float32Array.from({length: size}, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** The definition, in float64, with broadcasting. */
function definition(c: Case, a: Float32Array, b: Float32Array): {shape: number[]; values: Float64Array} {
  const {aOuter, bOuter, m, k, n, transposeA, transposeB} = c;
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(aOuter, bOuter);
  const products = outer.reduce((product, count) => product * count, 1);
  const out = new Float64Array(products * m * n);
  const place = (product: number, shape: number[]) => {
    let at = 0;
    let stride = 1;
    for (let back = 1; back <= outer.length; back++) {
      const index = product % outer[outer.length - back];
      product = Math.floor(product / outer[outer.length - back]);
      const size = shape[shape.length - back] ?? 1;
      if (size > 1) at += index * stride;
      stride *= size;
    }
    return at;
  };
  for (let product = 0; product < products; product++) {
    const aAt = place(product, aOuter) * m * k;
    const bAt = place(product, bOuter) * k * n;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) {
          sum += a[aAt + (transposeA ? p * m + i : i * k + p)] * b[bAt + (transposeB ? j * k + p : p * n + j)];
        }
        out[(product * m + i) * n + j] = sum;
      }
    }
  }
  return {shape: [...outer, m, n], values: out};
}

function check(c: Case): void {
  const [aShape, bShape] = shapes(c);
  const a = values(aShape, 1);
  const b = values(bShape, 2);
  const expected = definition(c, a, b);
  tf.tidy(() => {
    const out = tf.matMul(tf.tensor(a, aShape), tf.tensor(b, bShape), c.transposeA, c.transposeB);
    expect(out.shape).toEqual(expected.shape);
    const got = out.dataSync();
    // Each of k roundings is at most half a unit in the last place of a sum below k.
    const tolerance = 6e-8 * c.k * Math.sqrt(c.k) + 1e-7;
    let worst = 0;
    for (let i = 0; i < got.length; i++) {
      const error = Math.abs(got[i] - expected.values[i]);
      if (!(error <= worst)) worst = error;
    }
    expect(worst).toBeLessThanOrEqual(tolerance);
  });
}

const outerShapes: [number[], number[]][] = [
  [[], []],
  [[1], [1]],
  [[3], [3]],
  [[3], []],
  [[], [3]],
  [
    [2, 3],
    [2, 3],
  ],
  [
    [2, 1],
    [1, 3],
  ],
  [[2, 1], [3]],
  [
    [2, 3],
    [1, 3],
  ],
  [
    [2, 3],
    [2, 1],
  ],
  [
    [2, 3, 2],
    [3, 1],
  ],
  [[0], [1]],
];

test('equals the definition for any size, transposes and batch', () => {
  const size = fc.oneof({arbitrary: fc.nat(12), weight: 2}, fc.nat(70));
  fc.assert(
    fc.property(
      fc.record({m: size, k: fc.oneof(size, fc.integer({min: 120, max: 300})), n: size}),
      fc.constantFrom(...outerShapes),
      fc.boolean(),
      fc.boolean(),
      (sizes, [aOuter, bOuter], transposeA, transposeB) => check({aOuter, bOuter, ...sizes, transposeA, transposeB}),
    ),
    {numRuns: randomCases(400)},
  );
});

test.each([
  [false, false],
  [false, true],
  [true, false],
  [true, true],
])('equals the definition where the blocks end: transposeA %s, transposeB %s', (transposeA, transposeB) => {
  for (const [m, k, n] of [
    [128, 256, 1024],
    [129, 257, 1025],
    [131, 515, 33],
    [7, 300, 1041],
    [3, 130, 1030],
    [260, 3, 50],
    [1, 700, 1],
  ]) {
    check({aOuter: [], bOuter: [], m, k, n, transposeA, transposeB});
  }
});

/** Runs on wasm and on cpu with the same inputs. */
async function onBoth(run: () => tf.Tensor[]): Promise<[Float32Array[], Float32Array[]]> {
  const read = () => tf.tidy(() => run().map((x) => Float32Array.from(x.dataSync())));
  const wasm = read();
  await tf.setBackend('cpu');
  const cpu = read();
  await tf.setBackend('wasm');
  return [wasm, cpu];
}

function expectClose(actual: Float32Array[], expected: Float32Array[], tolerance: number): void {
  expect(actual.map((x) => x.length)).toEqual(expected.map((x) => x.length));
  actual.forEach((x, i) => {
    const largest = expected[i].reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const difference = x.reduce((worst, value, j) => Math.max(worst, Math.abs(value - expected[i][j])), 0);
    expect(difference / largest).toBeLessThanOrEqual(tolerance);
  });
}

test('equals the cpu backend for the products of a small transformer, forwards and backwards', async () => {
  for (const [aShape, bShape, transposeA, transposeB] of [
    [[96, 160], [160, 448], false, false],
    [[96, 448], [160, 448], false, true],
    [[96, 160], [256, 160], false, true],
    [[96, 160], [96, 448], true, false],
    [[40, 19, 32], [40, 19, 32], false, true],
    [[40, 19, 19], [40, 19, 32], false, false],
    [[40, 19, 19], [40, 19, 32], true, false],
    [[160, 96], [448, 160], true, true],
  ] as [number[], number[], boolean, boolean][]) {
    const [wasm, cpu] = await onBoth(() => {
      const a = tf.tensor(values(aShape, 3), aShape);
      const b = tf.tensor(values(bShape, 4), bShape);
      const loss = (x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.square(tf.matMul(x, y, transposeA, transposeB)));
      return [tf.matMul(a, b, transposeA, transposeB), ...tf.grads(loss)([a, b])];
    });
    expectClose(wasm, cpu, 3e-6);
  }
});

const transposes = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
];

test('fused: equals the cpu backend for every bias, activation and form', async () => {
  for (const [transposeA, transposeB] of transposes) {
    for (const outer of [[], [3]]) {
      const [aShape, bShape] = shapes({aOuter: outer, bOuter: outer, m: 21, k: 40, n: 13, transposeA, transposeB});
      const [wasm, cpu] = await onBoth(() => {
        const a = tf.tensor(values(aShape, 5), aShape);
        const b = tf.tensor(values(bShape, 6), bShape);
        const form = {a, b, transposeA, transposeB} as Parameters<typeof tf.fused.matMul>[0];
        const bias = tf.tensor1d(values([13], 7));
        const preluActivationWeights = tf.tensor1d(values([13], 8));
        const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const;
        return [
          ...activations.map((activation) => tf.fused.matMul({...form, bias, activation, leakyreluAlpha: 0.3})),
          tf.fused.matMul({...form, activation: 'prelu', preluActivationWeights}),
          tf.fused.matMul({...form, bias: tf.scalar(2).reshape([1])}),
          tf.fused.matMul({...form, bias: tf.tensor2d(values([21, 13], 9), [21, 13]), activation: 'relu'}),
          tf.fused.matMul(form),
        ];
      });
      expectClose(wasm, cpu, 1e-5);
    }
  }
});

test('a dense layer trains as it does on cpu', async () => {
  const [wasm, cpu] = await onBoth(() => {
    const x = tf.tensor2d(values([30, 11], 8), [30, 11]);
    const kernel = tf.tensor2d(values([11, 9], 9), [11, 9]);
    const bias = tf.tensor1d(values([9], 10));
    const loss = (w: tf.Tensor, v: tf.Tensor) =>
      tf.mean(tf.square(tf.fused.matMul({a: x, b: w, bias: v}))) as tf.Scalar;
    return tf.valueAndGrads(loss)([kernel, bias]).grads;
  });
  expectClose(wasm, cpu, 1e-5);
});

test('what is not finite spreads to its row and column, and no further', () => {
  for (const [transposeA, transposeB] of transposes) {
    for (const [m, k, n] of [
      [50, 20, 53],
      [2, 20, 9],
      [6, 130, 9],
    ]) {
      const c = {aOuter: [], bOuter: [], m, k, n, transposeA, transposeB};
      const [aShape, bShape] = shapes(c);
      const a = values(aShape, 11);
      const b = values(bShape, 12);
      a[5] = Number.NaN;
      a[a.length - 1] = Number.POSITIVE_INFINITY;
      b[b.length - 1] = Number.NEGATIVE_INFINITY;
      const expected = definition(c, a, b).values;
      tf.tidy(() => {
        const got = tf.matMul(tf.tensor(a, aShape), tf.tensor(b, bShape), transposeA, transposeB).dataSync();
        const kind = (x: number) => (Number.isFinite(x) ? 'finite' : String(x));
        expect(Array.from(got, kind)).toEqual(Array.from(expected, kind));
      });
    }
  }
});

test('refuses what the stock kernel refuses, and inner dimensions that differ', () => {
  tf.tidy(() => {
    const whole = tf.ones([2, 2], 'int32');
    expect(() => tf.matMul(whole, whole)).toThrow(/float32/);
    const kernel = () => tf.engine().runKernel('BatchMatMul', {a: tf.ones([2, 3]), b: tf.ones([2, 3])}, {});
    expect(kernel).toThrow(/inner dimensions 3 and 2 differ, of a \[2,3\] and b \[2,3\]/);
  });
});
