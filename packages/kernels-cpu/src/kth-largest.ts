const counts = new Int32Array(256);

/**
 * The k-th largest of non-negative integers, and how many of those that equal it belong to the k largest. By their
 * digits of eight bits, the highest first: four passes, a kilobyte, no order is made.
 */
export function kthLargest(values: Int32Array, count: number, k: number): {value: number; ties: number} {
  let prefix = 0;
  let known = 0;
  let rest = k;
  for (let shift = 24; shift >= 0; shift -= 8) {
    counts.fill(0);
    for (let i = 0; i < count; i++) if ((values[i] & known) === prefix) counts[(values[i] >>> shift) & 255]++;
    let digit = 255;
    while (counts[digit] < rest) rest -= counts[digit--];
    prefix |= digit << shift;
    known |= 255 << shift;
  }
  return {value: prefix, ties: rest};
}
