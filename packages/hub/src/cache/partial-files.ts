/** How long after its last byte a partial file of another machine is nobody's. */
const ABANDONED = 3_600_000;
/** Tells the threads of a process apart, each of which has a module of its own. */
const thread = Math.random().toString(16).slice(2, 10);

/**
 * The partial files of a content: `ETAG.HOST-PROCESS-THREAD.incomplete`. Only one download at a time writes one, without
 * locks, which not every file system has: a download takes up its own or that of a process which is no more by giving it
 * its own name, and leaves those of others alone.
 */
export function partialFiles(folder: string, etag: string): {claim: () => Promise<string>} {
  const builtin = process.getBuiltinModule;
  const files = builtin('node:fs/promises');
  const path = builtin('node:path');
  const host = builtin('node:os')
    .hostname()
    .replace(/[^\w.]/g, '_');
  const own = path.join(folder, `${etag}.${host}-${process.pid}-${thread}.incomplete`);

  async function isAbandoned(name: string): Promise<boolean> {
    const [, theirHost, pid, theirThread] = /\.([\w.]+)-(\d+)-(\w+)\.incomplete$/.exec(name) ?? [];
    if (theirHost === undefined) return false; // another program's, which may have holes
    if (theirHost === host && theirThread !== thread && !isAlive(Number(pid))) return true;
    const stats = await files.stat(path.join(folder, name)).catch(() => undefined);
    return stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED;
  }

  return {
    /** The path of this download's file, with what an earlier one left in it. */
    async claim() {
      const names = await files.readdir(folder);
      if (names.includes(path.basename(own))) return own;
      for (const name of names) {
        if (!name.startsWith(`${etag}.`) || !(await isAbandoned(name))) continue;
        const isOurs = await files.rename(path.join(folder, name), own).then(
          () => true,
          () => false, // another download was faster
        );
        if (isOurs) return own;
      }
      return own;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
