import type {Content} from '../listing.js';
import {isCommit} from '../names.js';
import type {ByteSource, Cache, PartialFile} from './cache.js';
import type {KeyStore} from './key-store.js';

/** How many bytes wait for one another in memory before they are kept: what a closed tab loses. */
const PART = 2 ** 22;

/**
 * The hub's layout over a store of keys. A content lies in parts, `blobs/ETAG.0` and so on, because what is written into
 * a store is there only when all of it is; `blobs/ETAG` tells their number once they have been checked.
 */
export function keyedCache(store: KeyStore, id: string): Cache {
  const repository = `models--${id.replaceAll('/', '--')}`;
  const blobOf = (etag: string) => `${repository}/blobs/${etag}`;
  const pointerOf = (commit: string, file: string) => `${repository}/snapshots/${commit}/${file}`;
  const refOf = (revision: string) => `${repository}/refs/${revision}`;

  /** The content of this name, if all its parts are here. */
  async function load(etag: string): Promise<Blob | undefined> {
    const count = Number(await textOf(store, blobOf(etag)));
    if (!(count >= 0)) return undefined;
    const parts = await Promise.all(Array.from({length: count}, (_, i) => store.get(`${blobOf(etag)}.${i}`)));
    const here = parts.filter((part) => part !== undefined);
    return here.length === count ? new Blob(here) : undefined; // made of blobs, and so not read yet
  }

  return {
    name: repository,
    async readRef(revision) {
      const commit = await textOf(store, refOf(revision));
      return commit !== undefined && isCommit(commit) ? commit : undefined;
    },
    writeRef: (revision, commit) => store.set(refOf(revision), new Blob([commit])),
    async find(commit, file) {
      const etag = await textOf(store, pointerOf(commit, file));
      const blob = etag && (await load(etag));
      return blob ? fileOf(blob) : undefined;
    },
    async link(commit, file, {etag, size}) {
      const blob = await load(etag);
      if (blob?.size !== size) return undefined;
      await store.set(pointerOf(commit, file), new Blob([etag]));
      return fileOf(blob);
    },
    open: (content) => openPartial(store, blobOf(content.etag), content),
  };
}

function fileOf(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}

async function textOf(store: KeyStore, key: string): Promise<string | undefined> {
  return (await store.get(key))?.text();
}

async function openPartial(store: KeyStore, key: string, {size}: Content): Promise<PartialFile> {
  await store.delete(key);
  /** How many parts are kept, and how many bytes there are in all. */
  let count = 0;
  let length = 0;
  for (let part = await store.get(`${key}.0`); part; part = await store.get(`${key}.${count}`)) {
    count++;
    length += part.size;
  }
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let waitingLength = 0;

  const flush = async () => {
    if (waitingLength === 0) return;
    await store.set(`${key}.${count}`, new Blob(waiting));
    count++;
    waiting = [];
    waitingLength = 0;
  };
  const clear = async () => {
    // The last first, so that what a closed tab leaves has no holes.
    for (; count > 0; count--) await store.delete(`${key}.${count - 1}`);
    waiting = [];
    waitingLength = 0;
    length = 0;
  };
  if (length > size) await clear();

  return {
    get size() {
      return length;
    },
    async *parts() {
      for (let i = 0; i < count; i++) {
        const part = await store.get(`${key}.${i}`);
        if (!part) throw new Error(`${key}.${i} is gone, expected a part of a download`);
        yield new Uint8Array(await part.arrayBuffer());
      }
    },
    async append(bytes) {
      waiting.push(new Uint8Array(bytes));
      waitingLength += bytes.length;
      length += bytes.length;
      if (waitingLength >= PART) await flush();
    },
    clear,
    keep: flush,
    async finish() {
      await flush();
      await store.set(key, new Blob([String(count)]));
    },
  };
}
