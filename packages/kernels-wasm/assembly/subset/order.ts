/** How many of `count` distances are `least` or more, as bits; 1 ≤ least. {@link pad} the array first. */
export function countFrom(distances: usize, count: u32, least: i32): u32 {
  const below = i32x4.splat(least - 1);
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (const end = distances + (count << 2); distances < end; distances += 64) {
    a = i32x4.sub(a, i32x4.gt_s(v128.load(distances), below));
    b = i32x4.sub(b, i32x4.gt_s(v128.load(distances, 16), below));
    c = i32x4.sub(c, i32x4.gt_s(v128.load(distances, 32), below));
    d = i32x4.sub(d, i32x4.gt_s(v128.load(distances, 48), below));
  }
  const sums = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  return (
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  );
}

/**
 * The rank-th largest of `count` distances, which lies in [low, high), by bisection on the bits: to within `error`, which
 * is 1 where it must be exact, and no more than it. {@link pad} the array first.
 */
export function largest(distances: usize, count: u32, rank: u32, low: i32, high: i32, error: i32): i32 {
  while (high - low > error) {
    const middle = low + ((high - low) >> 1);
    if (countFrom(distances, count, middle) >= rank) low = middle;
    else high = middle;
  }
  return low;
}

/** Fills an array of distances with zeros to a multiple of 16. */
export function pad(distances: usize, count: u32): void {
  for (; count & 15; count++) store<i32>(distances + (count << 2), 0);
}
