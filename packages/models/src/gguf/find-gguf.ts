import {cut} from '@subset-tuning/checks';
import {fileName} from '../file-name.js';
import {addressOf, disk, isMissing} from '../read-folder.js';

/**
 * The GGUF file that is meant: the place itself where it is called `….gguf`, or the one file of that kind in a folder on
 * disk that has no other weights; nothing where it is a folder of another kind.
 *
 * @throws where a folder has several.
 */
export async function findGguf(place: string | URL, canList: boolean): Promise<string | URL | undefined> {
  if (/\.gguf$/i.test(fileName(place))) return place;
  const files = canList ? disk() : undefined;
  const address = files && addressOf(place);
  if (!files || (address && address.protocol !== 'file:')) return undefined;
  const names = await files.readdir(address ?? String(place)).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const found = names.filter((name) => name.endsWith('.gguf')).sort();
  if (found.length === 0 || names.some((name) => name === 'config.json' || name.endsWith('.safetensors'))) {
    return undefined;
  }
  if (found.length > 1) {
    throw new Error(
      `the folder ${place} has ${found.length} GGUF files, expected one, or the path of one: ${cut(found.join(', '))}`,
    );
  }
  if (!address) return `${place}/${found[0]}`;
  const folder = address.pathname.endsWith('/') ? address : new URL(`${address.pathname}/`, address);
  return new URL(encodeURIComponent(found[0]), folder);
}
