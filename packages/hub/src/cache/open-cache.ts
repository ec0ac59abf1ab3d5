import type {Environment} from '../environment.js';
import type {Cache} from './cache.js';
import {cacheStorageStore} from './cache-storage-store.js';
import {diskCache} from './disk-cache.js';
import {keyedCache} from './keyed-cache.js';
import {memoryCache} from './memory-cache.js';
import {opfsStore} from './opfs-store.js';

const STORES = {opfs: opfsStore, 'cache-storage': cacheStorageStore};

/** The cache that is asked for; where none is, the environment's, or the first of those that a page has. */
export async function openCache(
  asked: string | false | undefined,
  environment: Environment,
  id: string,
): Promise<Cache> {
  if (asked === false) return memoryCache(id);
  const folder = asked ?? environment.cache;
  if (environment.cache !== undefined && folder !== undefined) return diskCache(folder, id);
  if (asked !== undefined) return keyedCache(await storeOf(asked)(), id);
  for (const open of Object.values(STORES)) {
    try {
      return keyedCache(await open(), id);
    } catch {
      // A page without https has neither, and some browsers' private windows have none.
    }
  }
  return memoryCache(id);
}

function storeOf(name: string) {
  if (name === 'opfs' || name === 'cache-storage') return STORES[name];
  throw new Error(`hub: cache is ${JSON.stringify(name)}, expected opfs, cache-storage or false in a page`);
}
