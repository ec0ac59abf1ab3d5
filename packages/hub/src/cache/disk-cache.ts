import type {FileHandle} from 'node:fs/promises';
import type {Content} from '../listing.js';
import {isCommit} from '../names.js';
import type {ByteSource, Cache, PartialFile} from './cache.js';
import {partialFiles} from './partial-files.js';

/**
 * The hub's own layout on disk, which Python's huggingface_hub reads and writes too:
 *
 *     models--OWNER--NAME/blobs/ETAG
 *                        /snapshots/COMMIT/FILE → ../../blobs/ETAG
 *                        /refs/REVISION: the commit
 */
export function diskCache(folder: string, id: string): Cache {
  const {files, path} = node();
  const repository = path.join(folder, `models--${id.replaceAll('/', '--')}`);
  const blobs = path.join(repository, 'blobs');
  const pointerOf = (commit: string, file: string) => path.join(repository, 'snapshots', commit, file);
  const refOf = (revision: string) => path.join(repository, 'refs', revision);

  async function find(file: string): Promise<ByteSource | undefined> {
    const stats = await files.stat(file).catch(ignoreMissing);
    if (!stats?.isFile()) return undefined;
    return {size: stats.size, read: (start, end) => readRange(file, start, end)};
  }

  return {
    name: repository,
    async readRef(revision) {
      const commit = (await files.readFile(refOf(revision), 'utf8').catch(ignoreMissing))?.trim();
      return commit !== undefined && isCommit(commit) ? commit : undefined;
    },
    async writeRef(revision, commit) {
      const ref = refOf(revision);
      if ((await files.readFile(ref, 'utf8').catch(ignoreMissing)) === commit) return;
      await files.mkdir(path.dirname(ref), {recursive: true});
      const draft = `${ref}.${unique()}.tmp`;
      await files.writeFile(draft, commit);
      await files.rename(draft, ref);
    },
    find: (commit, file) => find(pointerOf(commit, file)),
    async link(commit, file, {etag, size}) {
      const blob = path.join(blobs, etag);
      if ((await find(blob))?.size !== size) return undefined;
      const pointer = pointerOf(commit, file);
      await files.mkdir(path.dirname(pointer), {recursive: true});
      await files.rm(pointer, {force: true});
      await link(path.relative(path.dirname(pointer), blob), blob, pointer);
      return find(pointer);
    },
    async open(content) {
      await files.mkdir(blobs, {recursive: true});
      await writeTag(folder);
      return openPartial(blobs, content);
    },
  };

  /** A symbolic link; where the system has none for us, which is Windows, the file itself, as in Python. */
  async function link(target: string, blob: string, pointer: string): Promise<void> {
    try {
      await files.symlink(target, pointer);
    } catch (error) {
      if (!hasCode(error, 'EPERM', 'ENOSYS', 'ENOTSUP')) throw error;
      await files.copyFile(blob, pointer);
    }
  }

  /** Says to backups that this is a cache. */
  async function writeTag(cache: string): Promise<void> {
    await files.writeFile(path.join(cache, 'CACHEDIR.TAG'), TAG, {flag: 'wx'}).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
  }
}

const TAG = `Signature: 8a477f597d28d172789f06886806bc55
# This file is a cache directory tag.
# For information about cache directory tags, see:
#\thttps://bford.info/cachedir/
`;

/** The partial file of a content, which is written at its end alone and then renamed. */
async function openPartial(blobs: string, {etag, size}: Content): Promise<PartialFile> {
  const {files, path} = node();
  const claimed = await partialFiles(blobs, etag).claim();
  const handle = await files.open(claimed, 'a+');
  let length = (await handle.stat()).size;
  const clear = async () => {
    await handle.truncate(0);
    length = 0;
  };
  if (length > size) await clear();
  return {
    get size() {
      return length;
    },
    parts: () => partsOf(handle, length),
    async append(bytes) {
      for (let start = 0; start < bytes.length; ) {
        const {bytesWritten} = await handle.write(bytes, start);
        start += bytesWritten;
        length += bytesWritten;
      }
    },
    clear,
    async keep() {
      await handle.close();
      if (length === 0) await files.rm(claimed, {force: true});
    },
    async finish() {
      await handle.sync();
      await handle.close();
      await files.rename(claimed, path.join(blobs, etag));
    },
  };
}

const PART = 2 ** 22;

async function* partsOf(handle: FileHandle, length: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(PART);
  for (let start = 0; start < length; ) {
    const {bytesRead} = await handle.read(buffer, 0, Math.min(PART, length - start), start);
    if (bytesRead === 0) throw new Error(`a partial download has ${start} bytes, expected ${length}`);
    yield buffer.subarray(0, bytesRead);
    start += bytesRead;
  }
}

async function readRange(file: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await node().files.open(file);
  try {
    const bytes = new Uint8Array(end - start);
    // One call reads less than 2 GiB.
    for (let read = 0; read < bytes.length; ) {
      const {bytesRead} = await handle.read(bytes, read, Math.min(2 ** 30, bytes.length - read), start + read);
      if (bytesRead === 0) throw new Error(`${file} has ${start + read} bytes, expected at least ${end}`);
      read += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

function unique(): string {
  return Math.random().toString(16).slice(2, 10);
}

/** Not imports, so that no bundler follows them. */
function node() {
  const builtin = process.getBuiltinModule;
  return {files: builtin('node:fs/promises'), path: builtin('node:path')};
}
