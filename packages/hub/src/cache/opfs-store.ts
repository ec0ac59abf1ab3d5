import type {KeyStore} from './key-store.js';

/**
 * The origin private file system of a page, below `huggingface/hub`. A file's bytes are there once its writer is closed,
 * and lie on disk when they are read as a blob.
 *
 * @throws where there is none, or none that can be written here: in windows that keep nothing, without https, and in
 * Safari before 26.
 */
export async function opfsStore(): Promise<KeyStore> {
  if (!('createWritable' in FileSystemFileHandle.prototype)) throw new Error('files of OPFS cannot be written here');
  const root = await navigator.storage.getDirectory();
  const folderOf = async (parts: string[], create: boolean) => {
    let folder = root;
    for (const part of ['huggingface', 'hub', ...parts]) folder = await folder.getDirectoryHandle(part, {create});
    return folder;
  };
  const place = (key: string) => {
    const parts = key.split('/');
    return {name: parts.pop() ?? key, parts};
  };
  await folderOf([], true);
  return {
    async get(key) {
      const {parts, name} = place(key);
      try {
        const handle = await (await folderOf(parts, false)).getFileHandle(name);
        return await handle.getFile();
      } catch (error) {
        return ignoreMissing(error);
      }
    },
    async set(key, blob) {
      const {parts, name} = place(key);
      const handle = await (await folderOf(parts, true)).getFileHandle(name, {create: true});
      const writer = await handle.createWritable();
      try {
        await writer.write(blob);
      } catch (error) {
        await writer.abort().catch(() => {});
        throw error;
      }
      await writer.close();
    },
    async delete(key) {
      const {parts, name} = place(key);
      try {
        await (await folderOf(parts, false)).removeEntry(name);
      } catch (error) {
        ignoreMissing(error);
      }
    },
  };
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof DOMException) || !['NotFoundError', 'TypeMismatchError'].includes(error.name)) throw error;
}
