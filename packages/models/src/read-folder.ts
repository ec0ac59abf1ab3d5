import type {ByteSource} from '@subset-tuning/safetensors';
import {JoinedReads} from './join-reads.js';

/** A file that is open for reading in parts, until it is closed. */
export interface OpenFile extends ByteSource {
  /** Told once which ranges will be read, in the order in which they lie, before the first of them is. */
  plan?(ranges: readonly (readonly [begin: number, end: number])[]): void;
  /** Called once, after the last read. */
  close?(): Promise<void>;
}

/**
 * Reads a file of a model folder. Where there is no such file, its error should have the `code` `'ENOENT'`, as those of
 * Node's own functions have: then others are looked for, and named.
 */
export interface ReadFile {
  /**
   * Reads all of a file.
   *
   * @param file Its name.
   * @param limit How many bytes are welcome; more are an error, the sooner the better.
   */
  (file: string, limit: number): Promise<Uint8Array>;
  /** Opens a file, so that weights are read one at a time and not all at once. Without it files are read whole. */
  open?(file: string, limit: number): Promise<OpenFile>;
}

/**
 * Reads from a folder. In Node, Deno and Bun: an http(s) URL by `fetch`, a file URL or a path from disk. In a page or a
 * worker: by `fetch`, a relative address from where the page or the worker's script lies.
 *
 * @throws where a file is missing or has more bytes than the limit, before it is read as far as that can be known.
 */
export function readFolder(folder: string | URL): ReadFile {
  const url = addressOf(folder);
  if (url && !url.pathname.endsWith('/')) url.pathname += '/';
  const place = (file: string) => (url ? new URL(file, url) : `${folder}/${file}`);
  const read = (file: string, limit: number) =>
    url && url.protocol !== 'file:' ? download(new URL(file, url), limit) : readFromDisk(place(file), limit);
  return Object.assign(read, {open: (file: string, limit: number) => openPlace(place(file), limit)});
}

/** The address of a folder or a file; nothing where it is a path on disk. */
export function addressOf(place: string | URL): URL | undefined {
  if (place instanceof URL || /^(https?|file):/i.test(place)) return new URL(place);
  return disk() ? undefined : resolve(place);
}

function resolve(place: string): URL {
  const base = baseAddress();
  try {
    return new URL(place, base);
  } catch (cause) {
    throw new Error(`the folder ${place} is no address from ${base}, expected a URL`, {cause});
  }
}

/** What addresses are relative to in a page or in a worker. */
function baseAddress(): string {
  if (typeof document !== 'undefined') return document.baseURI;
  // A worker made of a blob has an address that nothing can be relative to, but its page's origin.
  return location.protocol === 'blob:' ? location.origin : location.href;
}

async function download(url: URL, limit: number): Promise<Uint8Array> {
  return readBody(url, await fetch(url), limit);
}

/** What a server has answered, of at most so many bytes. */
export async function readBody(url: URL, response: Response, limit: number): Promise<Uint8Array> {
  const {status} = response;
  if (status === 404 || status === 410) throw missing(`${url}: the server answered ${status}`);
  if (!response.ok || !response.body) throw new Error(`${url}: the server answered ${status}`);
  if (response.headers.get('content-type')?.startsWith('text/html')) {
    await response.body.cancel();
    throw missing(`${url}: the server answered with a page of HTML, expected the file`); // a development server does
  }
  const reader = response.body.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    length += part.value.length;
    if (length > limit) {
      await reader.cancel();
      throw new Error(`${url} has more than ${limit} bytes, expected at most that`);
    }
  }
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

async function readFromDisk(path: string | URL, limit: number): Promise<Uint8Array> {
  const handle = await openOnDisk(path);
  try {
    const {size} = await handle.stat();
    if (size > limit) throw new Error(`${path} has ${size} bytes, expected at most ${limit}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Bytes of a file that has to be read whole: those of the largest model and of the largest header. */
const MAX_WHOLE = 2 ** 32 + 2 ** 26;

/**
 * Opens a file on disk, or at an address: by range requests where the server knows them, else it is read whole.
 *
 * @throws where it is missing or has more bytes than the limit.
 */
export async function openPlace(place: string | URL, limit = Infinity): Promise<OpenFile> {
  const url = addressOf(place);
  return url && url.protocol !== 'file:' ? openUrl(url, limit) : openFile(url ?? String(place), limit);
}

async function openFile(path: string | URL, limit: number): Promise<OpenFile> {
  const handle = await openOnDisk(path);
  const close = () => handle.close();
  try {
    const {size} = await handle.stat();
    if (size > limit) throw new Error(`${path} has ${size} bytes, expected at most ${limit}`);
    const read = async (begin: number, end: number) => {
      const bytes = new Uint8Array(end - begin);
      let length = 0;
      for (let more = 1; more > 0 && length < bytes.length; length += more) {
        more = (await handle.read(bytes, length, bytes.length - length, begin + length)).bytesRead;
      }
      return bytes.subarray(0, length);
    };
    return {size, read, close};
  } catch (error) {
    await close();
    throw error;
  }
}

async function openUrl(url: URL, limit: number): Promise<OpenFile> {
  const stopper = new AbortController();
  const first = await fetchRange(url, 0, 1, stopper.signal);
  const {status, headers} = first;
  const size = Number(/^bytes 0-0\/(\d{1,15})$/.exec(headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
  // A server that knows no ranges answers with all of it.
  if (status !== 206 || Number.isNaN(size)) {
    const bytes = await readBody(url, first, Math.min(limit, MAX_WHOLE));
    return {size: bytes.length, read: async (begin, end) => bytes.subarray(begin, end)};
  }
  await first.body?.cancel();
  if (size > limit) throw new Error(`${url} has more than ${limit} bytes, expected at most that`);
  const etag = headers.get('etag');
  const read = async (begin: number, end: number) => {
    if (begin === end) return new Uint8Array();
    const response = await fetchRange(url, begin, end, stopper.signal);
    const expected = `bytes ${begin}-${end - 1}/${size}`;
    const found = response.headers.get('content-range');
    if (response.ok && (found !== expected || response.headers.get('etag') !== etag)) {
      await response.body?.cancel();
      throw new Error(
        `${url}: the server answered ${response.status} with ${found}, expected ${expected} of the same file`,
      );
    }
    return readBody(url, response, end - begin);
  };
  const joined = new JoinedReads(read);
  return {
    size,
    read: (begin, end) => joined.read(begin, end),
    plan: (ranges) => joined.plan(ranges),
    close: async () => stopper.abort(), // what was asked for ahead of its time
  };
}

function fetchRange(url: URL, begin: number, end: number, signal: AbortSignal): Promise<Response> {
  return fetch(url, {headers: {range: `bytes=${begin}-${end - 1}`}, signal});
}

// What is used of Node's files, since a page's TypeScript knows no types of Node.

/** A file that is open for reading. */
interface Handle {
  stat(): Promise<{size: number}>;
  readFile(): Promise<Uint8Array>;
  read(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{bytesRead: number}>;
  close(): Promise<void>;
}

interface Disk {
  open(path: string | URL): Promise<Handle>;
  readdir(path: string | URL): Promise<string[]>;
}

/** Opens a file for reading. */
export async function openOnDisk(path: string | URL): Promise<Handle> {
  const files = disk();
  if (!files) throw new Error(`${path} cannot be read in a page, expected an http(s) URL`);
  return files.open(path).catch((cause: unknown) => {
    throw isMissing(cause) ? missing(`there is no ${path}`, cause) : cause;
  });
}

/** Whether an error says that there is no such file. */
export function isMissing(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** An error that says that there is no such file. */
export function missing(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, {cause}), {code: 'ENOENT'});
}

/** Node's own files, which Deno and Bun have too; nothing in a page. Not an import, so that no bundler follows it. */
export function disk(): Disk | undefined {
  return globalThis.process?.getBuiltinModule?.('node:fs/promises');
}
