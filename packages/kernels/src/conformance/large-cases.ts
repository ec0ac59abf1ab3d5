import {type ContractKernel, maskWords, SubsetProject, SubsetStep, TopKMask} from '../contract.js';
import {subsetProject} from '../subset-project.js';
import {createState, readState} from '../subset-state.js';
import {subsetStep} from '../subset-step.js';
import {topKMask} from '../top-k-mask.js';
import {assertSameFloats, assertSameInts} from './compare.js';
import {assertPath, disposeAll, toTensors} from './guard.js';
import type {CheckedOptions, ConformanceCase} from './options.js';
import {oracleMask} from './oracle.js';
import {Random} from './random.js';

/** Above 2²⁴, from where a float32 can count no further. */
const N = 20_000_003;

/**
 * The kernels at 20,000,003 elements against the sorting oracle. Values are multiples of 1/64 from −64 to 64, so that no
 * sum of them rounds, and so few that ties straddle the k-th place.
 */
export function largeCases(options: CheckedOptions): ConformanceCase[] {
  const run: Record<ContractKernel, () => Promise<void>> = {
    [TopKMask]: async () => {
      const x = coarse(N, new Random(options.seed));
      for (const k of [200_001, N - 5]) {
        const want = oracleMask(x.map(Math.abs), k);
        const [tensor] = toTensors([x], [[N]]);
        const mask = topKMask(tensor, k);
        assertSameInts(`mask of k=${k}`, await mask.data<'bool'>(), want);
        disposeAll([mask, tensor]);
      }
    },
    [SubsetProject]: () =>
      twice(options, (current, change, state, k) => {
        const sizes = current.map(({length}) => [length]);
        const tensors = toTensors(current, sizes);
        const proposals = toTensors(
          current.map((array, i) => array.map((value, j) => value - change[i][j])),
          sizes,
        );
        const result = subsetProject({proposals, current: tensors, state, k});
        disposeAll([...tensors, ...proposals]);
        return result;
      }),
    [SubsetStep]: () =>
      twice(options, (current, change, state, k) => {
        const sizes = current.map(({length}) => [length]);
        const parameters = toTensors(current, sizes);
        const gradients = toTensors(change, sizes);
        const numbers = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'} as const;
        const result = subsetStep({parameters, gradients, slots: [], state, numbers, k});
        disposeAll([...parameters, ...gradients]);
        return result;
      }),
  };
  return options.kernels.map((kernel) => ({
    name: `${kernel}: n = 20,000,003`,
    run: async () => {
      assertPath(kernel, options);
      await run[kernel]();
    },
  }));
}

type Move = (
  current: Float32Array[],
  change: Float32Array[],
  state: ReturnType<typeof createState>,
  k: number,
) => Pick<ReturnType<typeof subsetStep>, 'parameters' | 'state'>;

/** Two steps by the same change, the second from what the first left and with another budget. */
async function twice(options: CheckedOptions, move: Move): Promise<void> {
  const sizes = [3, N - 3];
  const random = new Random(options.seed);
  const seed = sizes.map((size) => coarse(size, random));
  let current = seed;
  let state = createState(sizes);
  for (const k of [200_001, 2_000_003]) {
    const change = sizes.map((size) => coarse(size, random));
    const proposal = current.map((array, i) => array.map((value, j) => value - change[i][j]));
    const distances = new Float32Array(N);
    let start = 0;
    proposal.forEach((array, i) => {
      array.forEach((value, j) => {
        distances[start + j] = Math.abs(value - seed[i][j]);
      });
      start += array.length;
    });
    const mask = oracleMask(distances, k);
    const result = move(current, change, state, k);

    const words = new Int32Array(maskWords(sizes));
    const seeds = new Float32Array(k);
    let rank = 0;
    let place = 0;
    let word = 0;
    const want = sizes.map((size, i) => {
      const values = seed[i].slice();
      for (let j = 0; j < size; j++) {
        if (mask[place + j] === 0) continue;
        values[j] = proposal[i][j];
        words[word + (j >>> 5)] |= 1 << (j & 31);
        seeds[rank++] = seed[i][j];
      }
      place += size;
      word += Math.ceil(size / 32);
      return values;
    });
    const got = await Promise.all(result.parameters.map((tensor) => tensor.data<'float32'>()));
    got.forEach((array, i) => {
      assertSameFloats(`parameters[${i}] of k=${k}`, array, want[i]);
    });
    disposeAll(result.parameters);
    state = result.state;
    const [gotMask, gotSeeds] = await readState(state);
    assertSameInts(`mask of k=${k}`, gotMask, words);
    assertSameFloats(`seeds of k=${k}`, gotSeeds, seeds);
    current = want;
  }
  disposeAll(state);
}

function coarse(size: number, random: Random): Float32Array {
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = ((random.bits() >>> 19) - 4096) / 64;
  return values;
}
