import {disk, isMissing, type ReadFile, readFolder} from './read-folder.js';

/**
 * Reads a model's files from where it is: by its id, `owner/name`, on the Hugging Face hub, or in a folder. On disk a
 * folder of that name comes first; in a page `./owner/name` is one.
 */
export async function readPlace(place: string | URL): Promise<ReadFile> {
  if (!(await isModelId(place))) return readFolder(place);
  // Not before it is wanted: a page that has its own files loads nothing of the hub.
  const {hub} = await import('@subset-tuning/hub');
  const read = hub(String(place));
  const explained = (error: unknown): never => {
    if (isMissing(error) || !(error instanceof Error) || !disk()) throw error;
    throw new Error(`there is no folder ${place}, and as a model on the hub: ${error.message}`, {cause: error});
  };
  return Object.assign((file: string, limit: number) => read(file, limit).catch(explained), {open: read.open});
}

async function isModelId(place: string | URL): Promise<boolean> {
  if (typeof place !== 'string' || !/^\w[\w.-]*\/\w[\w.-]*$/.test(place)) return false;
  const files = disk();
  return (
    !files ||
    files.readdir(place).then(
      () => false,
      (error: unknown) => isMissing(error),
    )
  );
}
