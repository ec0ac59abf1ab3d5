import {fileName} from '../file-name.js';
import {type OpenFile, openPlace, type ReadFile} from '../read-folder.js';

/** A file that is open until it is closed. */
interface OpenGguf {
  source: OpenFile | Uint8Array;
  close(): Promise<void>;
}

/** Bytes of a file: those of the largest model that has to be read whole, and of the largest header. */
const MAX_BYTES = 2 ** 32 + 2 ** 26;

/**
 * Opens a GGUF file: on disk; at an address, by range requests where the server knows them; or by the caller's `read`,
 * whole where that opens none.
 */
export async function openGguf(file: string | URL, read?: ReadFile): Promise<OpenGguf> {
  if (read && !read.open) return {source: await read(fileName(file), MAX_BYTES), close: async () => {}};
  const source = read?.open ? await read.open(fileName(file), Infinity) : await openPlace(file);
  return {source, close: async () => source.close?.()};
}
