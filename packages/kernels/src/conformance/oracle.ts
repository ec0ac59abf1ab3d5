/**
 * A mask of the k largest of non-negative distances, ties by lowest index, none that is zero. It shares nothing with the
 * reference routines: it sorts the floats' bits with the engine's own numeric sort, which bears tens of millions.
 */
export function oracleMask(distances: Float32Array, k: number): Uint8Array {
  const mask = new Uint8Array(distances.length);
  if (k === 0) return mask;
  const bits = new Uint32Array(distances.buffer, distances.byteOffset, distances.length);
  const threshold = bits.slice().sort()[bits.length - k];
  let room = k;
  for (const value of bits) if (value > threshold) room--;
  for (let i = 0; i < bits.length; i++) {
    if (bits[i] === 0) continue;
    if (bits[i] > threshold) mask[i] = 1;
    else if (bits[i] === threshold && room-- > 0) mask[i] = 1;
  }
  return mask;
}
