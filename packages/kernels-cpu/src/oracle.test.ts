import {
  createState,
  type Distance,
  Info,
  kernelPath,
  packSubset,
  referenceSubsetProject,
  SubsetProject,
  type SubsetStateArrays,
  subsetProject,
} from '@subset-tuning/kernels';
import '@tensorflow/tfjs-backend-cpu';
import {dispose, setBackend, type Tensor, tensor1d} from '@tensorflow/tfjs-core';
import {beforeAll, expect, it} from 'vitest';
import {randomCases} from '../../../test/scale.js';
import {register} from './register.js';

beforeAll(async () => {
  await setBackend('cpu');
  register();
});

const SPECIAL = [
  0,
  -0,
  2 ** -149,
  -(2 ** -130),
  2 ** -126,
  1e-30,
  3.4e38,
  -3.4e38,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
];
const DISTANCES: readonly Distance[] = ['absolute', 'absolute', 'relative', 'weighted'];

// Runs of up to five selections in a silo of up to three tensors: half of them drift, so that windows hit, and half
// jump. Values are few, so that ties straddle the k-th place, or any.
const SELECTIONS = randomCases(10_000);
it(`chooses as sorting does in ${SELECTIONS} random selections`, () => {
  expect(kernelPath(SubsetProject)).toBe('fused');
  const random = uniform(20241111);
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(choices: readonly T[]) => choices[below(choices.length)];
  let selections = 0;
  let hits = 0;
  for (let run = 0; selections < SELECTIONS; run++) {
    const sizes = Array.from({length: 1 + below(3)}, () => 1 + below(pick([3, 33, 100])));
    const n = sizes.reduce((sum, size) => sum + size, 0);
    const isCoarse = below(2) === 0;
    const isDrift = below(2) === 0;
    const value = () => (below(20) === 0 ? pick(SPECIAL) : isCoarse ? below(5) - 2 : random() - 0.5);
    const drawn = () => sizes.map((size) => Float32Array.from({length: size}, value));
    const selection = {distance: pick(DISTANCES), eta: pick([1e-8, 0, 0.1])};

    let want: {parameters: Float32Array[]; state: SubsetStateArrays} = {
      parameters: drawn(),
      state: packSubset(
        sizes.map(() => nothing),
        sizes,
      ),
    };
    let current: Tensor[] = want.parameters.map((array) => tensor1d(array.slice()));
    let state = createState(sizes);
    for (let rest = 1 + below(5); rest > 0; rest--, selections++) {
      const options = {...selection, k: pick([0, 1, n, below(n + 1)]), reselect: below(10) > 0};
      const attrs = {...options, sizes};
      const drift = () => want.parameters.map((array) => array.map((x) => x + 0.1 * value()));
      const arrays = isDrift ? drift() : drawn();
      want = referenceSubsetProject({proposals: arrays, current: want.parameters, state: want.state}, attrs);
      const proposals = arrays.map((array) => tensor1d(array));
      const got = subsetProject({...options, proposals, current, state});

      const where = `run ${run}: ${JSON.stringify(attrs)}`;
      expect(got.parameters.map(bits), `parameters of ${where}`).toEqual(want.parameters.map(bitsOf));
      expect(got.state[0].dataSync(), `mask of ${where}`).toEqual(want.state[0]);
      expect(bits(got.state[1]), `seeds of ${where}`).toEqual(bitsOf(want.state[1]));
      const counts = got.state[2].dataSync().slice(0, Info.path);
      expect(counts, `info of ${where}`).toEqual(want.state[2].slice(0, Info.path));
      dispose([proposals, current]);
      ({parameters: current, state} = got);
    }
    hits += state[2].dataSync()[Info.hits];
    dispose([current, state]);
  }
  expect(hits).toBeGreaterThan(SELECTIONS / 10);
});

const nothing = {positions: new Uint32Array(), seeds: new Float32Array()};

/** Uniform numbers in [0, 1): Lehmer's generator with the numbers of Park and Miller. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}

function bits(tensor: Tensor): Uint32Array {
  return bitsOf(tensor.dataSync<'float32'>());
}

function bitsOf(array: Float32Array): Uint32Array {
  return new Uint32Array(array.buffer, array.byteOffset, array.length);
}
