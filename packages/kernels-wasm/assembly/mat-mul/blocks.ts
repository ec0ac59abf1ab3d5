import {packColumns, packLeft, packRows} from './pack';
import {panel, tileColumns, tileRows} from './panel';
import {dots} from './rows';

/** A block of A is at most blockRows × blockDepth (128 KiB), a block of B blockDepth × blockColumns (1 MiB). */
const blockRows: i32 = 128;
const blockDepth: i32 = 256;
const blockColumns: i32 = 1024;
/** Packing B pays from this many rows of A on, packing a transposed A from this many columns of B on (measured). */
const rowsThatPay: i32 = 48;
const columnsThatPay: i32 = 48;

/** Bytes of scratch that {@link multiplyBlocks} needs. */
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

/** A product by blocks of both operands, packed where that pays. */
export function multiplyBlocks(
  a: usize,
  aWidth: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  accumulate: bool,
  scratch: usize,
): void {
  const aRow: usize = transposeA ? 4 : aWidth;
  const aColumn: usize = transposeA ? aWidth : 4;
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
