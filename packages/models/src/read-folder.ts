/**
 * Reads a file of a model folder.
 *
 * @param file Its name.
 * @param limit How many bytes are welcome; more are an error, the sooner the better.
 */
export type ReadFile = (file: string, limit: number) => Promise<Uint8Array>;

/**
 * Reads from a folder: an http(s) URL by `fetch`, anything else from disk, in Node.
 *
 * @throws where a file is missing or has more bytes than the limit, before it is read as far as that can be known.
 */
export function readFolder(folder: string | URL): ReadFile {
  const text = String(folder);
  if (/^https?:/i.test(text))
    return (file, limit) => download(new URL(file, text.endsWith('/') ? text : `${text}/`), limit);
  return (file, limit) => readFromDisk(text, file, limit);
}

async function download(url: URL, limit: number): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`${url}: the server answered ${response.status}`);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    parts.push(part);
    length += part.length;
    if (length > limit) throw new Error(`${url} has more than ${limit} bytes, expected at most that`); // also cancels
  }
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

async function readFromDisk(folder: string, file: string, limit: number): Promise<Uint8Array> {
  // Hidden from bundlers: a page never comes here.
  const {open} = await import(/* @vite-ignore */ /* webpackIgnore: true */ 'node:fs/promises');
  const {join} = await import(/* @vite-ignore */ /* webpackIgnore: true */ 'node:path');
  const {fileURLToPath} = await import(/* @vite-ignore */ /* webpackIgnore: true */ 'node:url');
  const path = join(folder.startsWith('file:') ? fileURLToPath(folder) : folder, file);
  const handle = await open(path);
  try {
    const {size} = await handle.stat();
    if (size > limit) throw new Error(`${path} has ${size} bytes, expected at most ${limit}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
