import {check, checkOptions, type Kind, text} from '@subset-tuning/checks';
import type {ByteSource} from './cache/cache.js';
import {openCache} from './cache/open-cache.js';
import {readEnvironment} from './environment.js';
import {ADDRESS, HUB_OPTIONS, type HubOptions} from './hub-options.js';
import {isPath, modelId} from './names.js';
import {Repository} from './repository.js';
import type {Connection} from './request.js';

/**
 * Reads a file of a model, as `loadModel` of `@subset-tuning/models` wants it. Where there is no such file, the error's
 * `code` is `'ENOENT'`.
 */
export interface ReadFile {
  /**
   * Reads all of a file.
   *
   * @param file Its path in the repository.
   * @param limit How many bytes are welcome; more are an error, before any is downloaded.
   */
  (file: string, limit: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives a file, once it is in the cache, to be read from there in parts. */
  open(file: string, limit: number): Promise<ByteSource>;
}

const FILE: Kind = {
  expected: 'a file’s path in the repository',
  is: (value) => typeof value === 'string' && isPath(value),
};
const LIMIT: Kind = {expected: 'a number of bytes', is: (value) => typeof value === 'number' && value >= 0};

/**
 * The files of a model on the Hugging Face hub, or on a mirror of it. A file is downloaded when it is first read, checked
 * against the hub's hash, and kept in a cache; later reads take it from there. All files are of one commit, the one that
 * the revision stands for at the first read.
 *
 * A connection that is cut is taken up where it ended, in the next process or page too; what may be over in a while (no
 * connection, 429, 5xx) is tried again, after as long as the server asks for. Where the hub cannot be reached, what the
 * revision last stood for is taken from the cache.
 *
 * @param id `owner/name`.
 * @throws (each read) where there is no such model, revision or file, or it may not be read; where the hub cannot be
 * reached and the file is not in the cache; where what came has another hash twice in a row; where a file has more bytes
 * than welcome; the signal's reason.
 *
 * @example
 * ```ts no-run
 * import {hub} from '@subset-tuning/hub';
 * import {loadModel} from '@subset-tuning/models';
 *
 * const id = 'HuggingFaceTB/SmolLM2-135M-Instruct';
 * const read = hub(id, {onProgress: ({file, loaded, total}) => console.log(file, loaded, total)});
 * const model = await loadModel(id, {read});
 * ```
 */
export function hub(id: string, options: HubOptions = {}): ReadFile {
  check('hub: id', id, modelId);
  checkOptions('hub', options, HUB_OPTIONS);
  const environment = readEnvironment();
  const {
    cache,
    endpoint = environment.endpoint,
    offline = environment.offline,
    onProgress = () => {},
    retries = 5,
    revision = 'main',
    signal,
    timeout = 30_000,
    fetch = (...request) => globalThis.fetch(...request),
    wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  } = options;
  check('hub: endpoint', endpoint, ADDRESS);

  async function connect(): Promise<Connection> {
    const token = options.token ?? (endpoint === environment.endpoint ? await environment.token() : undefined);
    if (token !== undefined && !(text.is(token) && /^[\x21-\x7e]+$/.test(token))) {
      throw new Error('hub: the token has characters that none has, expected one like hf_…');
    }
    return {fetch, endpoint: endpoint.replace(/\/+$/, ''), token, signal, timeout, retries, wait};
  }
  const repository = new Repository(
    {id, revision, offline, onProgress},
    () => openCache(cache, environment, id),
    connect,
  );

  async function open(file: string, limit: number): Promise<ByteSource> {
    check('hub: file', file, FILE);
    check('hub: limit', limit, LIMIT);
    signal?.throwIfAborted();
    const source = await repository.obtain(file, limit);
    onProgress({file, loaded: source.size, total: source.size});
    return source;
  }
  const read = async (file: string, limit: number) => {
    const source = await open(file, limit);
    return source.read(0, source.size);
  };
  return Object.assign(read, {open});
}
