// What is used of Node's files, since a page's TypeScript knows no types of Node.

interface Handle {
  stat(): Promise<{size: number}>;
  read(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{bytesRead: number}>;
  close(): Promise<void>;
}

interface Files {
  open(path: string | URL): Promise<Handle>;
}

const PART = 2 ** 18;

/**
 * Opens a file on disk, in Node, Deno and Bun.
 *
 * @throws where it is missing, has more bytes than the limit, or there is no disk, as in a page.
 */
export async function openOnDisk(path: string | URL, limit: number): Promise<ReadableStream<Uint8Array>> {
  const files = disk();
  if (!files) throw new Error(`${path} cannot be read in a page, expected an http(s) URL`);
  const handle = await files.open(path);
  try {
    const {size} = await handle.stat();
    if (size > limit) throw new Error(`${path} has ${size} bytes, expected at most ${limit}`);
  } catch (error) {
    await handle.close();
    throw error;
  }
  let position = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const part = new Uint8Array(PART);
          const {bytesRead} = await handle.read(part, 0, PART, position);
          position += bytesRead;
          if (bytesRead > 0) return controller.enqueue(part.subarray(0, bytesRead));
        } catch (error) {
          await handle.close();
          throw error;
        }
        await handle.close();
        controller.close();
      },
      cancel: () => handle.close(),
    },
    // Nothing is read ahead: a reader that ends early has nothing to wait for.
    {highWaterMark: 0},
  );
}

function disk(): Files | undefined {
  const {process} = globalThis as {process?: {getBuiltinModule?: (name: string) => Files}};
  return process?.getBuiltinModule?.('node:fs/promises');
}
