import type {KeyStore} from './key-store.js';

/** Cache Storage, under the name `huggingface-hub`: for pages without OPFS. */
export async function cacheStorageStore(): Promise<KeyStore> {
  const cache = await caches.open('huggingface-hub');
  const addressOf = (key: string) => `/${key.split('/').map(encodeURIComponent).join('/')}`;
  return {
    async get(key) {
      const response = await cache.match(addressOf(key));
      return response?.blob();
    },
    set: (key, blob) => cache.put(addressOf(key), new Response(blob)),
    async delete(key) {
      await cache.delete(addressOf(key));
    },
  };
}
