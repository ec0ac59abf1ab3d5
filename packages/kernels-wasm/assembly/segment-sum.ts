/**
 * Adds the rows of x to the rows of out that `ids` names: out[ids[i]] += x[i]. Out is zeroed first. An id outside
 * [0, segments) drops its row. One pass over x, in row order: the result does not depend on the machine.
 */
export function segmentSumF32(x: usize, ids: usize, out: usize, rows: i32, width: i32, segments: i32): void {
  const bytes = (<usize>width) << 2;
  const vectors = bytes & ~15;
  memory.fill(out, 0, bytes * <usize>segments);
  for (let i = 0; i < rows; i++, x += bytes) {
    const id = load<i32>(ids + ((<usize>i) << 2));
    if (<u32>id >= <u32>segments) continue;
    const row = out + bytes * <usize>id;
    let at: usize = 0;
    for (; at < vectors; at += 16) v128.store(row + at, f32x4.add(v128.load(row + at), v128.load(x + at)));
    for (; at < bytes; at += 4) store<f32>(row + at, load<f32>(row + at) + load<f32>(x + at));
  }
}

/** The same for int32, which wraps around. */
export function segmentSumI32(x: usize, ids: usize, out: usize, rows: i32, width: i32, segments: i32): void {
  const bytes = (<usize>width) << 2;
  const vectors = bytes & ~15;
  memory.fill(out, 0, bytes * <usize>segments);
  for (let i = 0; i < rows; i++, x += bytes) {
    const id = load<i32>(ids + ((<usize>i) << 2));
    if (<u32>id >= <u32>segments) continue;
    const row = out + bytes * <usize>id;
    let at: usize = 0;
    for (; at < vectors; at += 16) v128.store(row + at, i32x4.add(v128.load(row + at), v128.load(x + at)));
    for (; at < bytes; at += 4) store<i32>(row + at, load<i32>(row + at) + load<i32>(x + at));
  }
}
