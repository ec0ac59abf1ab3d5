import type {ByteSource} from '@subset-tuning/gguf';
import {fileName} from '../file-name.js';
import {addressOf, openOnDisk, type ReadFile, readBody} from '../read-folder.js';

/** A file that is open until it is closed. */
interface OpenFile {
  source: ByteSource | Uint8Array;
  close(): Promise<void>;
}

/** Bytes of a file that has to be read whole: those of the largest model and of the largest header. */
const MAX_BYTES = 2 ** 32 + 2 ** 26;

/**
 * Opens a GGUF file: on disk; at an address, by range requests where the server knows them; or by the caller's `read`,
 * whole.
 */
export async function openGguf(file: string | URL, read?: ReadFile): Promise<OpenFile> {
  if (read) return whole(await read(fileName(file), MAX_BYTES));
  const url = addressOf(file);
  return url && url.protocol !== 'file:' ? openUrl(url) : openFile(url ?? String(file));
}

function whole(source: Uint8Array): OpenFile {
  return {source, close: async () => {}};
}

async function openFile(path: string | URL): Promise<OpenFile> {
  const handle = await openOnDisk(path);
  const close = () => handle.close();
  try {
    const {size} = await handle.stat();
    const read = async (begin: number, end: number) => {
      const bytes = new Uint8Array(end - begin);
      let length = 0;
      for (let more = 1; more > 0 && length < bytes.length; length += more) {
        more = (await handle.read(bytes, length, bytes.length - length, begin + length)).bytesRead;
      }
      return bytes.subarray(0, length);
    };
    return {source: {size, read}, close};
  } catch (error) {
    await close();
    throw error;
  }
}

async function openUrl(url: URL): Promise<OpenFile> {
  const first = await fetchRange(url, 0, 1);
  const {status, headers} = first;
  const size = Number(/^bytes 0-0\/(\d{1,15})$/.exec(headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
  // A server that knows no ranges answers with all of it.
  if (status !== 206 || Number.isNaN(size)) return whole(await readBody(url, first, MAX_BYTES));
  await first.body?.cancel();
  const etag = headers.get('etag');
  const read = async (begin: number, end: number) => {
    if (begin === end) return new Uint8Array();
    const response = await fetchRange(url, begin, end);
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
  return {source: {size, read}, close: async () => {}};
}

function fetchRange(url: URL, begin: number, end: number): Promise<Response> {
  return fetch(url, {headers: {range: `bytes=${begin}-${end - 1}`}});
}
