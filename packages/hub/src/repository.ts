import {show} from '@subset-tuning/checks';
import type {ByteSource, Cache} from './cache/cache.js';
import {exclusive} from './cache/exclusive.js';
import {download} from './download.js';
import type {Progress} from './hub-options.js';
import {type Content, type Listing, requestListing} from './listing.js';
import {isCommit} from './names.js';
import type {Connection} from './request.js';
import {TemporaryError} from './temporary-error.js';

/** What a {@link Repository} is of. */
export interface RepositoryParts {
  readonly id: string;
  readonly revision: string;
  readonly offline: boolean;
  readonly onProgress: (progress: Progress) => void;
}

/** The files of one commit of a model, from the cache or from the hub. */
export class Repository {
  readonly #parts: RepositoryParts;
  readonly #openCache: () => Promise<Cache>;
  readonly #connect: () => Promise<Connection>;
  /** The commit that the cache has for the revision, once it had to do: then it is that of all files. */
  #pinned: string | undefined;
  #listing: Promise<Listing> | undefined;

  constructor(parts: RepositoryParts, openCache: () => Promise<Cache>, connect: () => Promise<Connection>) {
    this.#parts = parts;
    this.#openCache = once(openCache);
    this.#connect = once(connect);
  }

  /** A file, downloaded where it is not in the cache. One of more bytes than welcome is not. */
  async obtain(file: string, limit: number): Promise<ByteSource> {
    const {id} = this.#parts;
    const cache = await this.#openCache();
    const stored = (await this.#kept(cache, file)) ?? (await this.#current(cache, file, limit));
    if (stored.size > limit) throw new Error(`${id}, ${file} has ${stored.size} bytes, expected at most ${limit}`);
    return stored;
  }

  get #revision(): string {
    return this.#pinned ?? this.#parts.revision;
  }

  /** A file that the cache has and the hub need not be asked for. */
  async #kept(cache: Cache, file: string): Promise<ByteSource | undefined> {
    const {id, revision, offline} = this.#parts;
    if (!offline) return isCommit(this.#revision) ? cache.find(this.#revision, file) : undefined;
    this.#pinned ??= isCommit(revision) ? revision : await cache.readRef(revision);
    const stored = this.#pinned === undefined ? undefined : await cache.find(this.#pinned, file);
    if (stored) return stored;
    const where = `the cache (${cache.name}) has none for ${show(revision)}`;
    throw missing(
      `${id}, ${file}: ${where}, and offline nothing is downloaded (option offline; in Node HF_HUB_OFFLINE)`,
    );
  }

  /** A file as the hub has it now; where that cannot be reached, as the cache has it. */
  async #current(cache: Cache, file: string, limit: number): Promise<ByteSource> {
    const {id} = this.#parts;
    const ref = isCommit(this.#revision) ? undefined : await cache.readRef(this.#revision);
    const stored = ref === undefined ? undefined : await cache.find(ref, file);
    let listing: Listing;
    try {
      listing = await this.#list(stored !== undefined);
    } catch (error) {
      if (!stored || !(error instanceof Error && error.cause instanceof TemporaryError)) throw error;
      this.#pinned = ref;
      return stored;
    }
    const {commit, files} = listing;
    const content = files.get(file);
    if (!content) {
      const names = Array.from(files.keys());
      throw missing(`${id}, ${file}: there is no such file in ${show(this.#revision)}, expected one of ${show(names)}`);
    }
    if (content.size > limit) throw new Error(`${id}, ${file} has ${content.size} bytes, expected at most ${limit}`);
    const known = await cache.find(commit, file);
    if (known?.size !== content.size) return this.#download(cache, commit, file, content);
    await this.#remember(cache, commit).catch(() => {}); // a cache that can only be read is one too
    return known;
  }

  /** What the revision holds, asked for once. */
  async #list(once: boolean): Promise<Listing> {
    const {id} = this.#parts;
    const revision = this.#revision;
    this.#listing ??= this.#connect().then((connection) =>
      requestListing(once ? {...connection, retries: 0} : connection, {id, revision}),
    );
    try {
      return await this.#listing;
    } catch (error) {
      this.#listing = undefined;
      throw error;
    }
  }

  async #download(cache: Cache, commit: string, file: string, content: Content): Promise<ByteSource> {
    const {id, revision, onProgress} = this.#parts;
    const connection = await this.#connect();
    const {endpoint, token, signal} = connection;
    const path = file.split('/').map(encodeURIComponent).join('/');
    const url = `${endpoint}/${id}/resolve/${commit}/${path}`;
    const wanted = {endpoint, id, revision, file, hasToken: token !== undefined};
    const onBytes = (loaded: number) => onProgress({file, loaded, total: content.size});
    return exclusive(`${cache.name}/${content.etag}`, signal, async () => {
      const store = async () => {
        const partial = await cache.open(content);
        await download(connection, {url, wanted}, {content, partial, onBytes});
        return cache.link(commit, file, content);
      };
      const stored =
        (await cache.link(commit, file, content)) ??
        (await store().catch((cause: unknown) => {
          if (!isOutOfRoom(cause)) throw cause;
          const room = `the browser gives this page no room for its ${content.size} bytes`;
          throw new Error(`${id}, ${file}: ${room}; with the option cache: false nothing is kept`, {cause});
        }));
      if (!stored) throw new Error(`${id}, ${file}: gone from the cache (${cache.name}) as soon as it had come`);
      await this.#remember(cache, commit);
      return stored;
    });
  }

  async #remember(cache: Cache, commit: string): Promise<void> {
    if (!isCommit(this.#revision)) await cache.writeRef(this.#revision, commit);
  }
}

/** Whether a browser has no room for more, or has made some by what was kept before, which then cannot be read. */
function isOutOfRoom(error: unknown): boolean {
  return error instanceof DOMException && ['QuotaExceededError', 'NotReadableError'].includes(error.name);
}

/** A promise that is made at the first call, and again after it failed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

function missing(message: string): Error {
  return Object.assign(new Error(message), {code: 'ENOENT'});
}
