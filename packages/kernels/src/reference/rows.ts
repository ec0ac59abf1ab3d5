import {packSubset, readSubset, type SubsetStateArrays, type TensorSubset} from '../subset-state.js';

/** A silo's tensors laid end to end, bit for bit (`set` between arrays of one type copies bytes). */
export function joinRow(tensors: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const row = new Float32Array(tensors.reduce((sum, tensor) => sum + tensor.length, 0));
  let start = 0;
  for (const tensor of tensors) {
    row.set(tensor, start);
    start += tensor.length;
  }
  return row;
}

/** Inverse of {@link joinRow}. */
export function splitRow(row: Float32Array, sizes: readonly number[]): Float32Array[] {
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return row.slice(end - size, end);
  });
}

/** The floats of a row as bits. Assigning through it copies a NaN's payload too, which a number may lose. */
export function bitsOf(row: Float32Array): Uint32Array {
  return new Uint32Array(row.buffer, row.byteOffset, row.length);
}

/** A state's subset as indices of the row. */
export function subsetRow(state: SubsetStateArrays, sizes: readonly number[]): Uint32Array {
  let start = 0;
  return Uint32Array.from(
    readSubset(state, sizes).flatMap(({positions}, tensor) => {
      const first = start;
      start += sizes[tensor];
      return Array.from(positions, (position) => first + position);
    }),
  );
}

/** The state whose subset is `chosen`, ascending indices of the row, with room for `capacity` seeds. */
export function stateOfRow(
  chosen: Uint32Array,
  seed: Float32Array,
  sizes: readonly number[],
  capacity: number,
): SubsetStateArrays {
  let first = 0;
  const subset = sizes.map((size): TensorSubset => {
    const indices = chosen.filter((i) => i >= first && i < first + size);
    const positions = indices.map((i) => i - first);
    const seeds = new Float32Array(indices.length);
    indices.forEach((i, rank) => {
      bitsOf(seeds)[rank] = bitsOf(seed)[i];
    });
    first += size;
    return {positions, seeds};
  });
  return packSubset(subset, sizes, capacity);
}
