import {disk} from './read-folder.js';

/** The last part of a path or an address. */
export function fileName(place: string | URL): string {
  const isPath = typeof place === 'string' && disk() !== undefined && !/^(https?|file):/i.test(place);
  // What an address has after its path may stand in a path on disk.
  const path = isPath ? place : String(place).split(/[?#]/)[0];
  return path.split(/[/\\]/).filter(Boolean).at(-1) ?? path;
}
