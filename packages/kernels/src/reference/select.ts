/**
 * The indices of the k largest distances, ascending; of equal ones those of lowest index, and none whose distance is
 * zero. By sorting, which no kernel does: slow and obviously right.
 */
export function selectLargest(distances: Float32Array, k: number): Uint32Array {
  const candidates = Uint32Array.from(distances.keys()).filter((i) => distances[i] > 0);
  candidates.sort((i, j) => distances[j] - distances[i] || i - j);
  return candidates.slice(0, k).sort();
}
