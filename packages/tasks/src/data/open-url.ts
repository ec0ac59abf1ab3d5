import {openOnDisk} from './disk.js';
import type {OpenData} from './open-data.js';

/** An answer of a server that has no file in it. */
export class NoFileError extends Error {
  constructor(
    url: URL,
    readonly status: number,
  ) {
    super(`${url}: the server answered ${status}`);
  }
}

/** What opens the files below an http(s) or file URL. */
export function openUrl(folder: URL, headers: Record<string, string> = {}): OpenData {
  const base = new URL(folder);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return async (file, limit) => {
    const url = new URL(file.split('/').map(encodeURIComponent).join('/'), base);
    if (url.protocol === 'file:') return openOnDisk(url, limit);
    const response = await fetch(url, {headers});
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new NoFileError(url, response.status);
    }
    const size = Number(response.headers.get('content-length') ?? 0);
    if (size > limit) {
      await response.body.cancel();
      throw new Error(`${url} has ${size} bytes, expected at most ${limit}`);
    }
    return response.body;
  };
}
