/** C is made in tiles of this size, whose sums fill 8 of the 16 vector registers that x86-64 has. */
export const tileRows: i32 = 4;
export const tileColumns: i32 = 8;

/**
 * One panel: C[0..rows, 0..columns] = (accumulate ? C : 0) + A·B over `depth`, in tiles of 4 × 8. A is read by strides,
 * its tiles of 4 rows lie aTile apart; B is a panel of 8 columns whose rows lie bRow apart. A tile of fewer rows reads
 * its first one again instead; what lies beyond `rows` and `columns` is not stored.
 */
export function panel(
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aTile: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  accumulate: bool,
): void {
  for (; rows > 0; rows -= tileRows, a += aTile, c += 4 * cRow) {
    let a0 = a;
    let a1 = rows > 1 ? a + aRow : a;
    let a2 = rows > 2 ? a + 2 * aRow : a;
    let a3 = rows > 3 ? a + 3 * aRow : a;
    let bk = b;
    let c00 = f32x4.splat(0);
    let c01 = c00;
    let c10 = c00;
    let c11 = c00;
    let c20 = c00;
    let c21 = c00;
    let c30 = c00;
    let c31 = c00;
    for (let k = depth; k > 0; k--) {
      const b0 = v128.load(bk);
      const b1 = v128.load(bk, 16);
      let s = v128.load_splat<f32>(a0);
      c00 = f32x4.add(c00, f32x4.mul(s, b0));
      c01 = f32x4.add(c01, f32x4.mul(s, b1));
      s = v128.load_splat<f32>(a1);
      c10 = f32x4.add(c10, f32x4.mul(s, b0));
      c11 = f32x4.add(c11, f32x4.mul(s, b1));
      s = v128.load_splat<f32>(a2);
      c20 = f32x4.add(c20, f32x4.mul(s, b0));
      c21 = f32x4.add(c21, f32x4.mul(s, b1));
      s = v128.load_splat<f32>(a3);
      c30 = f32x4.add(c30, f32x4.mul(s, b0));
      c31 = f32x4.add(c31, f32x4.mul(s, b1));
      a0 += aColumn;
      a1 += aColumn;
      a2 += aColumn;
      a3 += aColumn;
      bk += bRow;
    }
    const d1 = c + cRow;
    const d2 = c + 2 * cRow;
    const d3 = c + 3 * cRow;
    if (rows >= tileRows && columns === tileColumns) {
      if (accumulate) {
        c00 = f32x4.add(c00, v128.load(c));
        c01 = f32x4.add(c01, v128.load(c, 16));
        c10 = f32x4.add(c10, v128.load(d1));
        c11 = f32x4.add(c11, v128.load(d1, 16));
        c20 = f32x4.add(c20, v128.load(d2));
        c21 = f32x4.add(c21, v128.load(d2, 16));
        c30 = f32x4.add(c30, v128.load(d3));
        c31 = f32x4.add(c31, v128.load(d3, 16));
      }
      v128.store(c, c00);
      v128.store(c, c01, 16);
      v128.store(d1, c10);
      v128.store(d1, c11, 16);
      v128.store(d2, c20);
      v128.store(d2, c21, 16);
      v128.store(d3, c30);
      v128.store(d3, c31, 16);
    } else {
      storeRow(c, c00, c01, columns, accumulate);
      if (rows > 1) storeRow(d1, c10, c11, columns, accumulate);
      if (rows > 2) storeRow(d2, c20, c21, columns, accumulate);
      if (rows > 3) storeRow(d3, c30, c31, columns, accumulate);
    }
  }
}

/** Stores, or adds to what is there, the first `columns` of 8 values. */
function storeRow(c: usize, low: v128, high: v128, columns: i32, accumulate: bool): void {
  if (columns >= 4) {
    v128.store(c, accumulate ? f32x4.add(low, v128.load(c)) : low);
    low = high;
    c += 16;
    columns -= 4;
  }
  if (columns === 4) {
    v128.store(c, accumulate ? f32x4.add(low, v128.load(c)) : low);
    return;
  }
  storeLanes(c, 4, low, columns, accumulate);
}

/** Stores, or adds to what is there, the first `count` of 4 values (all, if more), `step` apart. */
export function storeLanes(c: usize, step: usize, values: v128, count: i32, accumulate: bool): void {
  for (let lane = 0; lane < 4 && lane < count; lane++, c += step) {
    const value = f32x4.extract_lane(values, 0);
    store<f32>(c, accumulate ? value + load<f32>(c) : value);
    values = v128.shuffle<f32>(values, values, 1, 2, 3, 0);
  }
}
