import type {ByteSource, Cache} from './cache.js';

/** Keeps nothing but what is just coming, in memory. */
export function memoryCache(id: string): Cache {
  const arrived = new Map<string, ByteSource>();
  return {
    name: `memory/${id}/${Math.random()}`,
    readRef: async () => undefined,
    writeRef: async () => {},
    find: async () => undefined,
    async link(_commit, _file, {etag}) {
      const file = arrived.get(etag);
      arrived.delete(etag);
      return file;
    },
    async open({etag, size}) {
      const bytes = new Uint8Array(size);
      let length = 0;
      return {
        get size() {
          return length;
        },
        async *parts() {},
        async append(part) {
          bytes.set(part, length);
          length += part.length;
        },
        async clear() {
          length = 0;
        },
        async keep() {},
        async finish() {
          arrived.set(etag, {
            size,
            read: async (start, end) => (start === 0 && end === size ? bytes : bytes.slice(start, end)),
          });
        },
      };
    },
  };
}
