import {isObject, show} from '@subset-tuning/checks';
import {openOnDisk} from './disk.js';
import {hubData} from './hub.js';
import type {OpenData} from './open-data.js';

/**
 * Where a data set lies: a folder on disk, the http(s) or file URL of one, `datasets/owner/name` on the Hugging Face hub,
 * or what opens its files.
 */
export type DataPlace = string | URL | OpenData;

/** What opens the files of a place. */
export function openPlace(place: DataPlace): OpenData {
  if (typeof place === 'function') return place;
  if (typeof place === 'string' && /^datasets\/[\w.-]+\/[\w.-]+$/.test(place)) return hubData(place);
  if (isUrl(place) || (typeof place === 'string' && /^(https?|file):/i.test(place))) return openUrl(new URL(place));
  if (typeof place === 'string' && place !== '') return (file, limit) => openOnDisk(`${place}/${file}`, limit);
  throw new Error(
    `the place of a data set is ${show(place)}, expected a folder, a URL, datasets/owner/name or a function`,
  );
}

function isUrl(place: unknown): place is URL {
  return place instanceof URL || (isObject(place) && 'href' in place);
}

function openUrl(folder: URL): OpenData {
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return async (file, limit) => {
    const url = new URL(file.split('/').map(encodeURIComponent).join('/'), folder);
    if (url.protocol === 'file:') return openOnDisk(url, limit);
    const response = await fetch(url);
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new Error(`${url}: the server answered ${response.status}`);
    }
    const size = Number(response.headers.get('content-length') ?? 0);
    if (size > limit) {
      await response.body.cancel();
      throw new Error(`${url} has ${size} bytes, expected at most ${limit}`);
    }
    return response.body;
  };
}
