import type * as tf from '@tensorflow/tfjs-core';
import {Matrix, SingularValueDecomposition} from 'ml-matrix';

/** A, [rank, inputs], and B, [outputs, rank]. */
export interface Factors {
  a: Float32Array;
  b: Float32Array;
}

/**
 * The part of a matrix that its largest singular values and vectors make, as scaling · B·A with B = U·√(S / scaling) and
 * A = √(S / scaling)·Vᵀ (PiSSA, Meng et al. 2024, arXiv 2404.02948). The decomposition is that of JAMA, in `ml-matrix`.
 *
 * @throws where the rank is larger than the matrix.
 */
export async function principalFactors(
  weight: tf.Tensor2D,
  {rank, scaling, layout}: {rank: number; scaling: number; layout: 'out-in' | 'in-out'},
): Promise<Factors> {
  const [rows, columns] = weight.shape;
  if (rank > Math.min(rows, columns)) {
    throw new Error(
      `rank is ${rank}, expected at most ${Math.min(rows, columns)} for pissa of a matrix [${rows}, ${columns}]`,
    );
  }
  const stored = Matrix.from1DArray(rows, columns, await weight.data<'float32'>());
  const matrix = layout === 'in-out' ? stored.transpose() : stored;
  const {
    leftSingularVectors: u,
    rightSingularVectors: v,
    diagonal,
  } = new SingularValueDecomposition(matrix, {
    autoTranspose: true,
  });
  const roots = Float64Array.from(diagonal.slice(0, rank), (value) => Math.sqrt(value / scaling));
  const a = new Float32Array(rank * matrix.columns);
  const b = new Float32Array(matrix.rows * rank);
  for (const [k, root] of roots.entries()) {
    for (let j = 0; j < matrix.columns; j++) a[k * matrix.columns + j] = root * v.get(j, k);
    for (let i = 0; i < matrix.rows; i++) b[i * rank + k] = root * u.get(i, k);
  }
  return {a, b};
}
