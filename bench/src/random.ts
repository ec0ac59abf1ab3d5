/** Roughly normal numbers, the same for the same seed (Marsaglia's xorshift32, summed four times). */
export function normal(n: number, seed: number): Float32Array {
  const values = new Float32Array(n);
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < 4; j++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      sum += state;
    }
    // The sum of four uniform integers of 32 bits has a deviation of 2³²/√3.
    values[i] = (sum * Math.sqrt(3)) / 2 ** 32;
  }
  return values;
}
