import {concat, reshape, slice, split, type Tensor} from '@tensorflow/tfjs-core';

/** A silo's tensors laid end to end. */
export function joinRow(tensors: readonly Tensor[]): Tensor {
  const rows = tensors.map((tensor) => reshape(tensor, [tensor.size]));
  return rows.length === 1 ? rows[0] : concat(rows);
}

/** Inverse of {@link joinRow}: the row's pieces in the shapes of `like`. */
export function splitRow(row: Tensor, like: readonly Tensor[]): Tensor[] {
  const sizes = like.map(({size}) => size);
  return pieces(row, sizes).map((piece, i) => reshape(piece, like[i].shape));
}

/** The row in consecutive pieces of these sizes. */
export function pieces(row: Tensor, sizes: readonly number[]): Tensor[] {
  return sizes.length === 1 ? [slice(row, 0, sizes[0])] : split(row, [...sizes]);
}
