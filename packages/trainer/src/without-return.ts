/**
 * Batches for a loop that may stop before they end. A `for await` that stops closes what it goes through, by calling
 * `return`. An iterator, such as a generator, is the caller's, who may want it to go on later: it is not closed. Anything
 * else makes an iterator for this loop alone, which is.
 */
export function withoutReturn<T>(batches: Iterable<T> | AsyncIterable<T>): Iterable<T> | AsyncIterable<T> {
  if (!('next' in batches)) return batches;
  if (Symbol.asyncIterator in batches) {
    const iterator = batches[Symbol.asyncIterator]();
    return {[Symbol.asyncIterator]: () => ({next: () => iterator.next()})};
  }
  const iterator = batches[Symbol.iterator]();
  return {[Symbol.iterator]: () => ({next: () => iterator.next()})};
}
