import {storeLanes} from './panel';

/** So many columns at a time: what is added up stays in the first cache. */
const columnsAtOnce: i32 = 1024;

/** Rows of zeros, unless there is something to add to. */
export function clear(c: usize, cRow: usize, rows: i32, columns: i32, accumulate: bool): void {
  if (accumulate) return;
  for (; rows > 0; rows--, c += cRow) memory.fill(c, 0, (<usize>columns) << 2);
}

/** A product of few rows reads B once, where it lies. */
export function multiplyRows(
  a: usize,
  aRow: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  m: i32,
  n: i32,
  k: i32,
  transposeB: bool,
  accumulate: bool,
): void {
  if (transposeB) {
    dots(m, n, k, a, aRow, b, bRow, c, cRow, 4, accumulate);
    return;
  }
  clear(c, cRow, m, n, accumulate);
  for (let j = 0; j < n; j += columnsAtOnce) {
    const at = (<usize>j) << 2;
    addRows(m, min(n - j, columnsAtOnce), k, a, aRow, b + at, bRow, c + at, cRow);
  }
}

/**
 * C[0..rows, 0..columns] = (accumulate ? C : 0) + A·Bᵀ over `depth`, as dot products of the rows of A with those of B,
 * which both lie end to end: nothing to pack. Four columns at a time, so for a few rows.
 */
export function dots(
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aRow: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  cColumn: usize,
  accumulate: bool,
): void {
  const bytes = (<usize>depth) << 2;
  const vectors = bytes & ~15;
  for (; columns > 0; columns -= 4, b += 4 * bRow, c += 4 * cColumn) {
    const b1 = columns > 1 ? b + bRow : b;
    const b2 = columns > 2 ? b + 2 * bRow : b;
    const b3 = columns > 3 ? b + 3 * bRow : b;
    for (let i = 0; i < rows; i++) {
      const ai = a + <usize>i * aRow;
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let at: usize = 0;
      for (; at < vectors; at += 16) {
        const x = v128.load(ai + at);
        s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b + at)));
        s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b1 + at)));
        s2 = f32x4.add(s2, f32x4.mul(x, v128.load(b2 + at)));
        s3 = f32x4.add(s3, f32x4.mul(x, v128.load(b3 + at)));
      }
      // Transposed, the four partial sums of each dot product add up lane by lane.
      const low01 = v128.shuffle<f32>(s0, s1, 0, 4, 1, 5);
      const low23 = v128.shuffle<f32>(s2, s3, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(s0, s1, 2, 6, 3, 7);
      const high23 = v128.shuffle<f32>(s2, s3, 2, 6, 3, 7);
      let sums = f32x4.add(
        f32x4.add(v128.shuffle<f64>(low01, low23, 0, 2), v128.shuffle<f64>(low01, low23, 1, 3)),
        f32x4.add(v128.shuffle<f64>(high01, high23, 0, 2), v128.shuffle<f64>(high01, high23, 1, 3)),
      );
      for (; at < bytes; at += 4) {
        const x = v128.load_splat<f32>(ai + at);
        const y = f32x4(load<f32>(b + at), load<f32>(b1 + at), load<f32>(b2 + at), load<f32>(b3 + at));
        sums = f32x4.add(sums, f32x4.mul(x, y));
      }
      const ci = c + <usize>i * cRow;
      if (cColumn === 4 && columns >= 4) {
        v128.store(ci, accumulate ? f32x4.add(sums, v128.load(ci)) : sums);
      } else {
        storeLanes(ci, cColumn, sums, columns, accumulate);
      }
    }
  }
}

/** C[0..rows, 0..columns] += A·B over `depth`, adding up the rows of B, four at a time. For a few rows. */
function addRows(
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aRow: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
): void {
  const bytes = (<usize>columns) << 2;
  const vectors = bytes & ~15;
  for (; depth >= 4; depth -= 4, a += 16, b += 4 * bRow) {
    const b1 = b + bRow;
    const b2 = b + 2 * bRow;
    const b3 = b + 3 * bRow;
    for (let i = 0; i < rows; i++) {
      const ci = c + <usize>i * cRow;
      const scales = v128.load(a + <usize>i * aRow);
      const s0 = v128.shuffle<f32>(scales, scales, 0, 0, 0, 0);
      const s1 = v128.shuffle<f32>(scales, scales, 1, 1, 1, 1);
      const s2 = v128.shuffle<f32>(scales, scales, 2, 2, 2, 2);
      const s3 = v128.shuffle<f32>(scales, scales, 3, 3, 3, 3);
      let at: usize = 0;
      for (; at < vectors; at += 16) {
        const low = f32x4.add(f32x4.mul(s0, v128.load(b + at)), f32x4.mul(s1, v128.load(b1 + at)));
        const high = f32x4.add(f32x4.mul(s2, v128.load(b2 + at)), f32x4.mul(s3, v128.load(b3 + at)));
        v128.store(ci + at, f32x4.add(v128.load(ci + at), f32x4.add(low, high)));
      }
      for (; at < bytes; at += 4) {
        const low = f32x4.add(
          f32x4.mul(s0, v128.load_splat<f32>(b + at)),
          f32x4.mul(s1, v128.load_splat<f32>(b1 + at)),
        );
        const high = f32x4.add(
          f32x4.mul(s2, v128.load_splat<f32>(b2 + at)),
          f32x4.mul(s3, v128.load_splat<f32>(b3 + at)),
        );
        store<f32>(ci + at, load<f32>(ci + at) + f32x4.extract_lane(f32x4.add(low, high), 0));
      }
    }
  }
  for (; depth > 0; depth--, a += 4, b += bRow) {
    for (let i = 0; i < rows; i++) {
      const ci = c + <usize>i * cRow;
      const scale = load<f32>(a + <usize>i * aRow);
      for (let at: usize = 0; at < bytes; at += 4) store<f32>(ci + at, load<f32>(ci + at) + scale * load<f32>(b + at));
    }
  }
}
