import {tileColumns, tileRows} from './panel';

/** Packs depth × columns of a row-major B into panels of 8 columns, the last filled up with zeros. */
export function packRows(depth: i32, columns: i32, b: usize, bRow: usize, panels: usize): void {
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
export function packColumns(depth: i32, columns: i32, b: usize, bRow: usize, panels: usize): void {
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
export function packLeft(depth: i32, rows: i32, a: usize, aColumn: usize, panels: usize): void {
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
