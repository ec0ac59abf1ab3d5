/** Reads a file of the repository, for tests that run in Node and in the browser, which vitest serves it to. */
export async function readFile(url: URL): Promise<Uint8Array> {
  if (url.protocol === 'file:') {
    const fs = await import('node:fs/promises');
    return new Uint8Array(await fs.readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Reads JSON of a shape that the caller vouches for. */
export async function readJson<T>(url: URL): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await readFile(url)));
}
