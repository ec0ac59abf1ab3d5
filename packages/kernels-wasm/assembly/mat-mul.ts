/**
 * C = op(A)·op(B) in float32, on one thread, as Goto and van de Geijn describe it ("Anatomy of High-Performance Matrix
 * Multiplication", 2008): B is packed into panels of 8 columns that stay in the first cache while blocks of A stream
 * from the second, so that a transposed operand costs one pass of packing and no more.
 *
 * Rows and columns are counted in elements; every stride and offset is in bytes.
 */

/** C is made in tiles of this size, whose sums fill 8 of the 16 vector registers that x86-64 has. */
const tileRows: i32 = 4;
const tileColumns: i32 = 8;
/** A block of A is at most blockRows × blockDepth (128 KiB), a block of B blockDepth × blockColumns (1 MiB). */
const blockRows: i32 = 128;
const blockDepth: i32 = 256;
const blockColumns: i32 = 1024;
/** Packing B pays from this many rows of A on, packing a transposed A from this many columns of B on (measured). */
const rowsThatPay: i32 = 48;
const columnsThatPay: i32 = 48;
/** Below this many rows nothing is packed; nor, where long rows of B are columns of op(B), up to this many. */
const fewRows: i32 = 4;
const fewDots: i32 = 8;
const longDepth: i32 = 128;

/**
 * One panel: C[0..rows, 0..columns] = (accumulate ? C : 0) + A·B over `depth`, in tiles of 4 × 8. A is read by strides,
 * its tiles of 4 rows lie aTile apart; B is a panel of 8 columns whose rows lie bRow apart. A tile of fewer rows reads
 * its first one again instead; what lies beyond `rows` and `columns` is not stored. Exported only so that it stays a
 * function of its own, which engines optimise apart.
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
function storeLanes(c: usize, step: usize, values: v128, count: i32, accumulate: bool): void {
  for (let lane = 0; lane < 4 && lane < count; lane++, c += step) {
    const value = f32x4.extract_lane(values, 0);
    store<f32>(c, accumulate ? value + load<f32>(c) : value);
    values = v128.shuffle<f32>(values, values, 1, 2, 3, 0);
  }
}

/**
 * C[0..rows, 0..columns] = (accumulate ? C : 0) + A·Bᵀ over `depth`, as dot products of the rows of A with those of B,
 * which both lie end to end: nothing to pack. Four columns at a time, so for a few rows.
 */
function dots(
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

/** Packs depth × columns of a row-major B into panels of 8 columns, the last filled up with zeros. */
function packRows(depth: i32, columns: i32, b: usize, bRow: usize, panels: usize): void {
  for (; columns > 0; columns -= tileColumns, b += 32) {
    let from = b;
    const end = panels + ((<usize>depth) << 5);
    if (columns >= tileColumns) {
      for (; panels < end; panels += 32, from += bRow) {
        v128.store(panels, v128.load(from));
        v128.store(panels, v128.load(from, 16), 16);
      }
    } else {
      const bytes = (<usize>columns) << 2;
      for (; panels < end; panels += 32, from += bRow) {
        let at: usize = 0;
        for (; at < bytes; at += 4) store<f32>(panels + at, load<f32>(from + at));
        for (; at < 32; at += 4) store<f32>(panels + at, 0);
      }
    }
  }
}

/** Packs the transpose of a row-major columns × depth B (its rows are C's columns) into panels of 8, likewise. */
function packColumns(depth: i32, columns: i32, b: usize, bRow: usize, panels: usize): void {
  for (; columns >= tileColumns; columns -= tileColumns, b += 8 * bRow, panels += (<usize>depth) << 5) {
    transpose4(depth, b, bRow, panels, 32);
    transpose4(depth, b + 4 * bRow, bRow, panels + 16, 32);
  }
  if (columns === 0) return;
  memory.fill(panels, 0, (<usize>depth) << 5);
  if (columns >= 4) {
    transpose4(depth, b, bRow, panels, 32);
    columns -= 4;
    b += 4 * bRow;
    panels += 16;
  }
  for (; columns > 0; columns--, b += bRow, panels += 4) {
    for (let i = 0; i < depth; i++) store<f32>(panels + ((<usize>i) << 5), load<f32>(b + ((<usize>i) << 2)));
  }
}

/** Writes 4 rows of `length` values as `length` rows of 4, `toRow` apart. */
function transpose4(length: i32, from: usize, fromRow: usize, to: usize, toRow: usize): void {
  let r0 = from;
  let r1 = r0 + fromRow;
  let r2 = r1 + fromRow;
  let r3 = r2 + fromRow;
  for (; length >= 4; length -= 4) {
    const x0 = v128.load(r0);
    const x1 = v128.load(r1);
    const x2 = v128.load(r2);
    const x3 = v128.load(r3);
    const x01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
    const x23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
    const y01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
    const y23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(x01, x23, 0, 2));
    to += toRow;
    v128.store(to, v128.shuffle<f64>(x01, x23, 1, 3));
    to += toRow;
    v128.store(to, v128.shuffle<f64>(y01, y23, 0, 2));
    to += toRow;
    v128.store(to, v128.shuffle<f64>(y01, y23, 1, 3));
    to += toRow;
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
  }
  for (; length > 0; length--, to += toRow, r0 += 4, r1 += 4, r2 += 4, r3 += 4) {
    store<f32>(to, load<f32>(r0));
    store<f32>(to, load<f32>(r1), 4);
    store<f32>(to, load<f32>(r2), 8);
    store<f32>(to, load<f32>(r3), 12);
  }
}

/** Packs the transpose of a row-major depth × rows A into panels of 4 rows; of the last only what exists is filled. */
function packLeft(depth: i32, rows: i32, a: usize, aColumn: usize, panels: usize): void {
  for (; rows > 0; rows -= tileRows, a += 16) {
    let from = a;
    const end = panels + ((<usize>depth) << 4);
    if (rows >= tileRows) {
      for (; panels < end; panels += 16, from += aColumn) v128.store(panels, v128.load(from));
    } else {
      const bytes = (<usize>rows) << 2;
      for (; panels < end; panels += 16, from += aColumn) {
        for (let at: usize = 0; at < bytes; at += 4) store<f32>(panels + at, load<f32>(from + at));
      }
    }
  }
}

/** Bytes of scratch that `multiply` needs. */
export function scratchBytes(m: i32, n: i32, k: i32): usize {
  const rows = min(roundUp(m, tileRows), blockRows);
  const columns = min(roundUp(n, tileColumns), blockColumns);
  return (<usize>min(k, blockDepth) * <usize>(rows + columns)) << 2;
}

function roundUp(count: i32, unit: i32): i32 {
  return (count + unit - 1) & -unit;
}

/** The size of the parts of at most `block` that `count` falls into: as equal as multiples of `unit` allow. */
function part(count: i32, block: i32, unit: i32): i32 {
  const parts = (count + block - 1) / block;
  return roundUp((count + parts - 1) / parts, unit);
}

/**
 * `batch` products C = op(A)·op(B), or C += … where `accumulate`: op(A) is m × k, op(B) k × n. The operands of the next
 * product lie aStep and bStep on (0: the same again), the results end to end.
 */
export function multiply(
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  batch: i32,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  accumulate: bool,
  scratch: usize,
): void {
  const cStep = (<usize>m * <usize>n) << 2;
  if (k === 0) {
    if (!accumulate) memory.fill(c, 0, <usize>batch * cStep);
    return;
  }
  // A single column of op(A)ᵀ lies in memory as the row that it is.
  if (m === 1) transposeA = false;
  const few = m < fewRows || (transposeB && m <= fewDots && k >= longDepth);
  for (; batch > 0; batch--, a += aStep, b += bStep, c += cStep) {
    if (few && !transposeA) multiplyRows(a, b, c, m, n, k, transposeB, accumulate);
    else multiplyBlocks(a, b, c, m, n, k, transposeA, transposeB, accumulate, scratch);
  }
}

/** A product of few rows reads B once, where it lies. */
function multiplyRows(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, transposeB: bool, accumulate: bool): void {
  const aRow = (<usize>k) << 2;
  const cRow = (<usize>n) << 2;
  if (transposeB) {
    dots(m, n, k, a, aRow, b, aRow, c, cRow, 4, accumulate);
    return;
  }
  if (!accumulate) memory.fill(c, 0, <usize>m * cRow);
  for (let j = 0; j < n; j += blockColumns) {
    const at = (<usize>j) << 2;
    addRows(m, min(n - j, blockColumns), k, a, aRow, b + at, cRow, c + at, cRow);
  }
}

function multiplyBlocks(
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  accumulate: bool,
  scratch: usize,
): void {
  const aRow: usize = transposeA ? 4 : (<usize>k) << 2;
  const aColumn: usize = transposeA ? (<usize>m) << 2 : 4;
  const bRow: usize = (<usize>(transposeB ? k : n)) << 2;
  const cRow = (<usize>n) << 2;
  const packA = transposeA && n >= columnsThatPay;
  const packB = transposeB || m >= rowsThatPay;

  const depthPart = part(k, blockDepth, 4);
  const columnPart = part(n, blockColumns, tileColumns);
  const rowPart = part(m, blockRows, tileRows);
  for (let p = 0; p < k; p += depthPart) {
    const depth = min(k - p, depthPart);
    const add = accumulate || p > 0;
    const aBlock = a + <usize>p * aColumn;
    for (let j = 0; j < n; j += columnPart) {
      const columns = min(n - j, columnPart);
      const bBlock = transposeB ? b + <usize>j * bRow + ((<usize>p) << 2) : b + <usize>p * bRow + ((<usize>j) << 2);
      const cBlock = c + ((<usize>j) << 2);

      // Up to 4 columns beside the whole panels are dot products where that needs no packing.
      const beside = columns & (tileColumns - 1);
      const dotted = transposeB && !transposeA && beside <= 4 ? beside : 0;
      const paneled = columns - dotted;
      // The first of the others are read where they lie, the rest is packed.
      const direct = packB ? 0 : paneled & -tileColumns;
      if (transposeB) packColumns(depth, paneled, bBlock, bRow, scratch);
      else packRows(depth, paneled - direct, bBlock + ((<usize>direct) << 2), bRow, scratch);
      const aPanels = scratch + ((<usize>depth * <usize>roundUp(paneled - direct, tileColumns)) << 2);

      for (let i = 0; i < m; i += rowPart) {
        const rows = min(m - i, rowPart);
        const aRows = aBlock + <usize>i * aRow;
        const cRows = cBlock + <usize>i * cRow;
        if (packA) packLeft(depth, rows, aRows, aColumn, aPanels);
        for (let jj = 0; jj < paneled; jj += tileColumns) {
          panel(
            rows,
            min(paneled - jj, tileColumns),
            depth,
            packA ? aPanels : aRows,
            packA ? (<usize>depth) << 4 : 4 * aRow,
            packA ? 4 : aRow,
            packA ? 16 : aColumn,
            jj < direct ? bBlock + ((<usize>jj) << 2) : scratch + ((<usize>depth * <usize>(jj - direct)) << 2),
            jj < direct ? bRow : 32,
            cRows + ((<usize>jj) << 2),
            cRow,
            add,
          );
        }
      }
      if (dotted) {
        const bEdge = bBlock + <usize>paneled * bRow;
        const cEdge = cBlock + ((<usize>paneled) << 2);
        // Cᵀ = B·Aᵀ: here the columns are the few.
        dots(dotted, m, depth, bEdge, bRow, aBlock, aRow, cEdge, 4, cRow, add);
      }
    }
  }
}

/** Writes `row`, of `columns` values, to each of the `rows` rows of C. */
export function fillRows(c: usize, row: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (; rows > 0; rows--, c += bytes) memory.copy(c, row, bytes);
}
