import {Matrix, SingularValueDecomposition} from 'ml-matrix';

/**
 * The matrix of a rank that is nearest to a matrix (Eckart and Young): the largest singular values alone, by ml-matrix, in
 * float64.
 *
 * @param values row by row.
 * @param rank one of the smaller side's length or more gives the matrix itself, but for rounding.
 */
export function lowRank(values: Float32Array, [rows, columns]: readonly [number, number], rank: number): Float32Array {
  const matrix = Matrix.from1DArray(rows, columns, values);
  const {leftSingularVectors, diagonal, rightSingularVectors} = new SingularValueDecomposition(matrix, {
    autoTranspose: true,
  });
  const kept = Math.min(rank, rows, columns);
  const left = leftSingularVectors.subMatrix(0, rows - 1, 0, kept - 1).mulRowVector(diagonal.slice(0, kept));
  const right = rightSingularVectors.subMatrix(0, columns - 1, 0, kept - 1);
  return Float32Array.from(left.mmul(right.transpose()).to1DArray());
}
