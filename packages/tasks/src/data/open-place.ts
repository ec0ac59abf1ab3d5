import {isObject, show} from '@subset-tuning/checks';
import {openOnDisk} from './disk.js';
import {hubData} from './hub.js';
import type {OpenData} from './open-data.js';
import {openUrl} from './open-url.js';

/**
 * Where a data set lies: a folder on disk, the http(s) or file URL of one, `datasets/owner/name` on the Hugging Face hub,
 * or what opens its files. A folder whose own path looks like the hub's is written `./datasets/owner/name`.
 */
export type DataPlace = string | URL | OpenData;

/** What opens the files of a place. */
export function openPlace(place: DataPlace): OpenData {
  if (typeof place === 'function') return place;
  if (typeof place === 'string' && /^datasets\/[\w.-]+\/[\w.-]+$/.test(place)) return openHub(place);
  if (isUrl(place) || (typeof place === 'string' && /^(https?|file):/i.test(place))) return openUrl(new URL(place));
  if (typeof place === 'string' && place !== '') return (file, limit) => openOnDisk(`${place}/${file}`, limit);
  throw new Error(
    `the place of a data set is ${show(place)}, expected a folder, a URL, datasets/owner/name or a function`,
  );
}

/** What opens the hub's files, and says how a folder of the same path would be named. */
function openHub(id: string): OpenData {
  const open = hubData(id);
  return (file, limit) =>
    open(file, limit).catch((cause: Error) => {
      throw new Error(`${cause.message}; a folder on disk is written ./${id}`, {cause});
    });
}

function isUrl(place: unknown): place is URL {
  return place instanceof URL || (isObject(place) && 'href' in place);
}
