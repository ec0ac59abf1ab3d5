import {check, type Kind} from '@subset-tuning/checks';
import {type Rank, type Tensor, tensor1d, zeros} from '@tensorflow/tfjs-core';
import {INFO_LENGTH, Info, maskWords, type SubsetState} from './contract.js';
import {elementsPerWord, joinWords, splitWords} from './state-words.js';

/** A silo's subset state as typed arrays of whole words, alike on every backend: what {@link readState} reads. */
export type SubsetStateArrays = [mask: Int32Array, seeds: Float32Array, info: Int32Array];

/** What one tensor of a silo has in the subset. */
export interface TensorSubset {
  /** Places in the flattened tensor, ascending. */
  positions: Uint32Array;
  /** The seed value at each of them. */
  seeds: Float32Array;
}

/**
 * The state of a silo of which nothing has changed yet.
 *
 * @param sizes sizes of the silo's tensors
 * @param capacity how many seeds to make room for; a step makes its own room, so 0 will do
 * @example
 * ```ts
 * import {createState} from '@subset-tuning/kernels';
 * import '@tensorflow/tfjs';
 *
 * const state = createState([6, 40]); // mask int32 [3], seeds float32 [1], info int32 [16]; twice the int32 on webgl
 * ```
 */
export function createState(sizes: readonly number[], capacity = 0): SubsetState<Tensor> {
  checkSizes(sizes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (!Number.isInteger(capacity) || capacity < 0 || capacity > total) {
    throw new Error(`capacity is ${capacity}; expected an integer from 0 to ${total}, the size of the silo`);
  }
  const words = (count: number) => zeros<Rank.R1>([count * elementsPerWord()], 'int32');
  return [words(maskWords(sizes)), zeros([Math.max(1, capacity)], 'float32'), words(INFO_LENGTH)];
}

/**
 * Reads a silo's state from its tensors, which stay as they are.
 *
 * @returns copies, which no later step changes
 */
export async function readState([mask, seeds, info]: SubsetState<Tensor>): Promise<SubsetStateArrays> {
  return Promise.all([
    readWords(mask, elementsPerInfo(info)),
    seeds.data<'float32'>().then((values) => values.slice()),
    readWords(info, elementsPerInfo(info)),
  ]);
}

/**
 * Reads nothing but the `info` of a silo's state: what the last step did.
 *
 * @example
 * ```ts
 * import {createState, Info, readInfo} from '@subset-tuning/kernels';
 * import '@tensorflow/tfjs';
 *
 * const info = await readInfo(createState([6, 40]));
 * info[Info.size]; // 0
 * ```
 */
export async function readInfo([, , info]: SubsetState<Tensor>): Promise<Int32Array> {
  return readWords(info, elementsPerInfo(info));
}

async function readWords(tensor: Tensor, perWord: 1 | 2): Promise<Int32Array> {
  return joinWords((await tensor.data<'int32'>()).slice(), perWord);
}

/** How many elements a word of a state takes, by the length of its info. */
function elementsPerInfo({size}: Tensor): 1 | 2 {
  return size === INFO_LENGTH ? 1 : 2;
}

/** Inverse of {@link readState}: the state's tensors on the active backend. */
export function stateFromArrays([mask, seeds, info]: SubsetStateArrays): SubsetState<Tensor> {
  const words = (array: Int32Array) => tensor1d(splitWords(array), 'int32');
  return [words(mask), tensor1d(seeds, 'float32'), words(info)];
}

/**
 * What a silo's state says of each of its tensors. Inverse of {@link stateFromPositions}.
 *
 * @param state what {@link readState} read
 * @param sizes sizes of the silo's tensors
 * @throws where an array's length does not fit the sizes, a bit past a tensor's end is set, or seeds are missing
 */
export function readSubset(state: SubsetStateArrays, sizes: readonly number[]): TensorSubset[] {
  checkSizes(sizes);
  const [mask, seeds] = state;
  if (mask.length !== maskWords(sizes)) {
    throw new Error(`mask has ${mask.length} words; expected ${maskWords(sizes)} for tensors of sizes ${sizes}`);
  }
  let word = 0;
  let rank = 0;
  return sizes.map((size) => {
    const positions: number[] = [];
    for (let base = 0; base < size; base += 32, word++) {
      for (let rest = mask[word] >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) {
        const position = base + 31 - Math.clz32(rest & -rest);
        if (position >= size) throw new Error(`mask chooses element ${position} of a tensor of size ${size}`);
        positions.push(position);
      }
    }
    const end = rank + positions.length;
    if (end > seeds.length) throw new Error(`mask chooses at least ${end} entries; seeds holds ${seeds.length}`);
    const subset = {positions: Uint32Array.from(positions), seeds: seeds.slice(rank, end)};
    rank = end;
    return subset;
  });
}

/**
 * The state of a silo whose subset is given: a fixed random subset, or one from a file. Inverse of {@link readSubset}.
 *
 * @param subset of each tensor the chosen positions, ascending, and their seed values
 * @param sizes sizes of the silo's tensors
 * @throws where positions are not ascending, lie outside of their tensor, or do not have one seed each
 * @example
 * ```ts
 * import {stateFromPositions} from '@subset-tuning/kernels';
 * import '@tensorflow/tfjs';
 *
 * const state = stateFromPositions([{positions: Uint32Array.of(1, 4), seeds: Float32Array.of(0.5, -2)}], [6]);
 * ```
 */
export function stateFromPositions(subset: readonly TensorSubset[], sizes: readonly number[]): SubsetState<Tensor> {
  return stateFromArrays(packSubset(subset, sizes));
}

/**
 * {@link stateFromPositions} as typed arrays, with nothing but the subset's size in `info`.
 *
 * @param capacity how many seeds to make room for. Default: as many as there are
 */
export function packSubset(
  subset: readonly TensorSubset[],
  sizes: readonly number[],
  capacity?: number,
): SubsetStateArrays {
  checkSizes(sizes);
  if (subset.length !== sizes.length) {
    throw new Error(`subset is of ${subset.length} tensors; expected ${sizes.length}`);
  }
  const chosen = subset.reduce((sum, {positions}) => sum + positions.length, 0);
  if (capacity !== undefined && capacity < chosen)
    throw new Error(`capacity is ${capacity}; expected at least ${chosen}`);
  const mask = new Int32Array(maskWords(sizes));
  const seeds = new Float32Array(Math.max(1, capacity ?? chosen));
  const info = new Int32Array(INFO_LENGTH);
  info[Info.size] = chosen;
  let firstWord = 0;
  let rank = 0;
  subset.forEach(({positions, seeds: values}, tensor) => {
    if (values.length !== positions.length) {
      throw new Error(
        `tensor ${tensor} has ${positions.length} positions and ${values.length} seeds; expected as many`,
      );
    }
    positions.forEach((position, i) => {
      if (position >= sizes[tensor] || (i > 0 && position <= positions[i - 1])) {
        throw new Error(
          `position ${i} of tensor ${tensor} is ${position}; expected ascending places below ${sizes[tensor]}`,
        );
      }
      mask[firstWord + (position >>> 5)] |= 1 << (position & 31);
    });
    seeds.set(values, rank);
    rank += positions.length;
    firstWord += Math.ceil(sizes[tensor] / 32);
  });
  return [mask, seeds, info];
}

const SIZES: Kind = {expected: 'an array with the size of each tensor of the silo', is: Array.isArray};

/** A silo has at least one tensor and none that is empty. */
export function checkSizes(sizes: readonly number[]): void {
  check('sizes', sizes, SIZES);
  if (sizes.length === 0) throw new Error('the silo has no tensors; expected at least one');
  sizes.forEach((size, i) => {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new Error(`tensor ${i} of the silo has size ${size}; expected a positive integer`);
    }
  });
}
