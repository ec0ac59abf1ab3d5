/** What `multiply` of `assembly/mat-mul.ts` takes, but for the scratch memory. Rows and steps are in bytes. */
export interface Products {
  a: number;
  aRow: number;
  aStep: number;
  b: number;
  bRow: number;
  bStep: number;
  c: number;
  cRow: number;
  cStep: number;
  batch: number;
  m: number;
  n: number;
  k: number;
  transposeA: boolean;
  transposeB: boolean;
  accumulate: boolean;
}

/** Rows and columns of the tiles that a result is made in. */
const TILE_ROWS = 4;
const TILE_COLUMNS = 8;

/**
 * Rows or columns of a part. With fewer, packing the other operand for each part would take its share of time; with more,
 * the last part would be waited for where its thread is kept from running.
 */
const PART = 192;
const MOST_PARTS = 64;

/**
 * The same products in parts for so many threads: some of a batch, or else some rows or some columns of each result, of
 * whichever there are more. At most 64 parts.
 */
export function split(products: Products, threads: number): Products[] {
  const {a, aRow, aStep, b, bRow, bStep, c, cRow, cStep, batch, m, n, transposeA, transposeB} = products;
  if (batch >= 2 * threads) {
    return ranges(batch, 4 * threads, 1).map(([from, count]) => ({
      ...products,
      ...{a: a + from * aStep, b: b + from * bStep, c: c + from * cStep, batch: count},
    }));
  }
  const parts = Math.min(MOST_PARTS, Math.max(threads, Math.floor(Math.max(m, n) / PART)));
  if (m > n) {
    return ranges(m, parts, TILE_ROWS).map(([from, count]) => ({
      ...products,
      ...{a: a + from * (transposeA ? 4 : aRow), c: c + from * cRow, m: count},
    }));
  }
  return ranges(n, parts, TILE_COLUMNS).map(([from, count]) => ({
    ...products,
    ...{b: b + from * (transposeB ? bRow : 4), c: c + from * 4, n: count},
  }));
}

/** `total` in at most `parts` ranges, all but the last of a multiple of `unit`: where each begins, and its length. */
function ranges(total: number, parts: number, unit: number): [from: number, count: number][] {
  const size = Math.ceil(total / parts / unit) * unit;
  return Array.from({length: Math.ceil(total / size)}, (_, i) => [i * size, Math.min(size, total - i * size)]);
}

/** Them in the order of `multiply`, which takes the address of scratch memory after them. */
export function argumentsOf(products: Products): number[] {
  const {a, aRow, aStep, b, bRow, bStep, c, cRow, cStep, batch, m, n, k} = products;
  const {transposeA, transposeB, accumulate} = products;
  const sizes = [a, aRow, aStep, b, bRow, bStep, c, cRow, cStep, batch, m, n, k];
  return [...sizes, Number(transposeA), Number(transposeB), Number(accumulate)];
}

/** How many numbers {@link argumentsOf} gives. */
export const ARGUMENTS = 16;
