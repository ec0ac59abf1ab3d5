import {join} from 'node:path';

/** A data set's folder among those that the command was told. */
export function dataFolder(data: string | undefined, name: string): string {
  if (data !== undefined) return join(data, name);
  throw new Error(`the task reads ${name}, expected --data FOLDER, a folder with it`);
}
