/** Writes `row`, of `columns` values, to each of the `rows` rows of C. */
export function fillRows(c: usize, row: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (; rows > 0; rows--, c += bytes) memory.copy(c, row, bytes);
}
