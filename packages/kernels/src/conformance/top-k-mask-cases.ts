import {profile, tensor} from '@tensorflow/tfjs-core';
import {type Distance, TopKMask} from '../contract.js';
import {DEFAULT_ETA, DISTANCES, distanceBetween} from '../distance.js';
import {referenceTopKMask} from '../reference/top-k-mask.js';
import {topKMask} from '../top-k-mask.js';
import {assertEqual, assertSameInts} from './compare.js';
import {assertPath, assertUntouched, disposeAll, toTensors} from './guard.js';
import type {CheckedOptions, ConformanceCase} from './options.js';
import {oracleMask} from './oracle.js';
import {Random} from './random.js';
import {assertFarthestChosen, distanceBounds, flushedSize} from './selection.js';
import {ALL_KINDS, valuesOf} from './values.js';

const SIZES = [1, 3, 65, 65_537];

export function topKMaskCases(options: CheckedOptions): ConformanceCase[] {
  const magnitudes = ALL_KINDS.map((kind) => ({
    name: `${TopKMask}: the largest of ${kind} values`,
    run: async () => {
      const random = new Random(options.seed);
      for (const size of SIZES) {
        const x = valuesOf(kind, size, random);
        for (const k of budgets(size)) await checkTopKMask([size], x, undefined, k, 'absolute', DEFAULT_ETA, options);
      }
    },
  }));
  const distances = DISTANCES.flatMap((distance) =>
    ALL_KINDS.map((kind) => ({
      name: `${TopKMask}: the farthest from ${kind} values, ${distance}`,
      run: async () => {
        const random = new Random(options.seed);
        for (const other of ALL_KINDS) {
          const x = valuesOf(other, 131, random);
          const y = valuesOf(kind, 131, random);
          for (const eta of [DEFAULT_ETA, 0]) {
            for (const k of budgets(131)) await checkTopKMask([131], x, y, k, distance, eta, options);
          }
        }
      },
    })),
  );
  return [
    {name: `${TopKMask}: runs on the ${options.path} path`, run: () => checkProfile(options)},
    ...magnitudes,
    ...distances,
    ...ALL_KINDS.map((kind) => ({
      name: `${TopKMask}: the farthest by an importance of ${kind} values`,
      run: async () => {
        const random = new Random(options.seed);
        for (const distance of DISTANCES) {
          const [x, y] = [valuesOf(random.pick(ALL_KINDS), 131, random), valuesOf('normal', 131, random)];
          const importance = valuesOf(kind, 131, random);
          for (const k of budgets(131)) await checkTopKMask([131], x, y, k, distance, 0.1, options, importance);
        }
      },
    })),
    {
      name: `${TopKMask}: nothing is farther than zero from itself`,
      run: async () => {
        const x = valuesOf('normal', 65, new Random(options.seed));
        await checkTopKMask([65], x, x, 65, 'absolute', DEFAULT_ETA, options);
      },
    },
    {
      name: `${TopKMask}: keeps the shape`,
      run: async () => {
        const x = valuesOf('ties', 105, new Random(options.seed));
        await checkTopKMask([3, 5, 7], x, undefined, 40, 'absolute', DEFAULT_ETA, options);
        await checkTopKMask([], x.slice(0, 1), undefined, 1, 'absolute', DEFAULT_ETA, options);
      },
    },
  ];
}

/** 0, 1, n and places between, some of them in the middle of ties. */
export function budgets(size: number): number[] {
  return [...new Set([0, 1, Math.floor(size / 3), size - 1, size])];
}

export async function checkTopKMask(
  shape: number[],
  x: Float32Array,
  y: Float32Array | undefined,
  k: number,
  distance: Distance,
  eta: number,
  options: CheckedOptions,
  importance?: Float32Array,
): Promise<void> {
  assertPath(TopKMask, options);
  const attrs = {k, distance, eta};
  const what = `mask of k=${k}, n=${x.length}, eta=${eta}`;
  const want = referenceTopKMask(x, y, attrs, importance);
  const seed = y ?? new Float32Array(x.length);
  const metric = y ? distance : 'absolute';
  assertSameInts(
    `reference ${what}`,
    want,
    oracleMask(
      x.map((a, i) => distanceBetween(a, seed[i], metric, eta, importance?.[i])),
      k,
    ),
  );

  const arrays = [x, ...(y ? [y] : []), ...(importance ? [importance] : [])];
  const inputs = toTensors(arrays, [shape, shape, shape]);
  const weighted = importance ? {importance: inputs[2]} : {};
  const result = topKMask(inputs[0], k, y ? {y: inputs[1], distance, eta, ...weighted} : {});
  assertEqual('dtype of the mask', result.dtype, 'bool');
  assertEqual('shape of the mask', String(result.shape), String(shape));
  const got = await result.data<'bool'>();
  if (options.rounding === 'close' && metric === 'relative') {
    const weights = importance && Float64Array.from(importance, flushedSize);
    const bounds = distanceBounds(x, seed, attrs, undefined, weights && {low: weights, high: weights});
    assertFarthestChosen((i) => got[i] === 1, bounds, k);
  } else {
    assertSameInts(what, got, want);
  }
  await assertUntouched('inputs', inputs, arrays);
  disposeAll([result, ...inputs]);
}

/** Looks at what the engine ran, so that a path is not only believed. */
async function checkProfile(options: CheckedOptions): Promise<void> {
  const x = tensor([1, 2, 3], [3], 'float32');
  const {kernelNames} = await profile(() => topKMask(x, 1).dispose());
  assertEqual('the engine ran the kernel', kernelNames.includes(TopKMask), options.path === 'fused');
  x.dispose();
}
