/**
 * What this makes of all items, in their order, of some at a time: those of like length together, so that little is padded.
 *
 * @param make Gives one result an item.
 */
export async function byLength<T extends {length: number}, R>(
  items: readonly T[],
  batchSize: number,
  make: (batch: T[]) => Promise<R[]>,
): Promise<R[]> {
  const sorted = items.map((item, index) => ({item, index})).sort((a, b) => a.item.length - b.item.length);
  const made = new Array<R>(items.length);
  for (let start = 0; start < sorted.length; start += batchSize) {
    const batch = sorted.slice(start, start + batchSize);
    const results = await make(batch.map(({item}) => item));
    for (const [i, {index}] of batch.entries()) made[index] = results[i];
  }
  return made;
}
