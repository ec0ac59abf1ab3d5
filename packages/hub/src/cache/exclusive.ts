const running = new Map<string, Promise<unknown>>();

/**
 * Does some work while nobody else does any under the same name: in a page no other tab or worker of its origin, elsewhere
 * nothing else of this thread.
 */
export async function exclusive<T>(name: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks;
  if (locks) return locks.request(`subset-tuning/${name}`, signal ? {signal} : {}, work);
  const before = running.get(name) ?? Promise.resolve();
  const now = before
    .catch(() => {})
    .then(() => {
      signal?.throwIfAborted();
      return work();
    });
  running.set(name, now);
  try {
    return await now;
  } finally {
    if (running.get(name) === now) running.delete(name);
  }
}
