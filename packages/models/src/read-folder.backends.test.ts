import {describe, expect, it} from 'vitest';
import {readFolder} from './read-folder.js';

const inPage = typeof document !== 'undefined';
// With the slash apart, which vite would drop.
const folder = new URL(`${new URL('../golden/tiny-llama', import.meta.url)}/`);
const LIMIT = 2 ** 20;
const CONFIG = {model_type: 'llama', vocab_size: 96};

const parse = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

/** What a worker of this script reads as `config.json`; `readFolder` is in its scope. */
async function readInWorker(script: string): Promise<unknown> {
  const source = `import {readFolder} from ${JSON.stringify(new URL('./read-folder.ts', import.meta.url).href)};
    const read = async () => new TextDecoder().decode(await readFolder(${script})('config.json', ${LIMIT}));
    read().then((text) => postMessage(JSON.parse(text)), (error) => postMessage(String(error)));`;
  const url = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
  const worker = new Worker(url, {type: 'module'});
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({data}) => resolve(data);
      worker.onerror = ({message}) => reject(new Error(message));
    });
  } finally {
    worker.terminate();
    URL.revokeObjectURL(url);
  }
}

describe('readFolder', () => {
  it('reads an absolute path: in Node one on disk, in a page one of its server', async () => {
    for (const path of [folder.pathname, folder.pathname.slice(0, -1)]) {
      expect(parse(await readFolder(path)('config.json', LIMIT))).toMatchObject(CONFIG);
    }
  });

  it('reads a URL, as text and as an object, with a slash at its end or without', async () => {
    for (const url of [folder, folder.href, new URL(folder.href.slice(0, -1)), folder.href.slice(0, -1)]) {
      expect(parse(await readFolder(url)('config.json', LIMIT))).toMatchObject(CONFIG);
    }
  });

  it('names what is missing and what is too large', async () => {
    await expect(readFolder(folder)('other.safetensors', LIMIT)).rejects.toThrow('other.safetensors');
    await expect(readFolder(folder)('config.json', 10)).rejects.toThrow(/config\.json has (more than 10|\d+) bytes/);
  });

  it.runIf(inPage)('reads a relative path from the base of the page', async () => {
    const base = document.createElement('base');
    base.href = new URL('..', folder).href;
    document.head.append(base);
    try {
      expect(parse(await readFolder('tiny-llama')('config.json', LIMIT))).toMatchObject(CONFIG);
    } finally {
      base.remove();
    }
  });

  it.runIf(inPage)('reads in a worker, even one that is made of a blob', async () => {
    expect(await readInWorker(JSON.stringify(folder.pathname))).toMatchObject(CONFIG);
    expect(await readInWorker(JSON.stringify(folder.href))).toMatchObject(CONFIG);
    expect(await readInWorker(`'http://'`)).toContain('Invalid URL');
  });

  it.runIf(inPage)('says what a page cannot read', async () => {
    await expect(readFolder('file:///models')('config.json', LIMIT)).rejects.toThrow('file:///models/config.json');
    // vite answers what it does not know with its page
    await expect(readFolder('/no/such/folder')('config.json', LIMIT)).rejects.toThrow(
      /config\.json: the server answered/,
    );
  });
});
