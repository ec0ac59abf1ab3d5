import {show} from '@subset-tuning/checks';
import type {PartialFile} from './cache/cache.js';
import {createHasher} from './hasher.js';
import type {Content} from './listing.js';
import {type Connection, type Request, request} from './request.js';
import {retry} from './retry.js';
import {TemporaryError} from './temporary-error.js';

/**
 * Downloads a content from where an earlier try left off, and checks it against its hash. What came before a failure
 * stays in the partial file; what turns out to be another content is thrown away, and asked for once more.
 */
export async function download(
  connection: Connection,
  what: Request,
  {
    content,
    partial,
    onBytes,
  }: {
    content: Content;
    partial: PartialFile;
    onBytes: (loaded: number) => void;
  },
): Promise<void> {
  const found: string[] = [];
  try {
    while (found.length < 2) {
      const digest = await complete(connection, what, {content, partial, onBytes});
      if (digest === content.etag) return await partial.finish();
      found.push(digest);
      await partial.clear();
    }
  } catch (error) {
    await partial.keep().catch(() => {}); // the first failure is the one to be told
    throw error;
  }
  await partial.keep();
  const {id, file} = what.wanted;
  throw new Error(
    `${id}, ${file}: the hash of what came is ${show(found.at(-1))}, expected ${content.etag}; nothing is kept`,
  );
}

/** Fetches what is missing, and gives the hash of it all. */
async function complete(
  connection: Connection,
  what: Request,
  {content, partial, onBytes}: Parameters<typeof download>[2],
): Promise<string> {
  let hasher = createHasher(content.etag, content.size);
  for await (const part of partial.parts()) hasher.update(part);
  onBytes(partial.size);
  const startAnew = async () => {
    await partial.clear();
    hasher = createHasher(content.etag, content.size);
  };
  const fetchRest = () =>
    request(connection, {...what, from: partial.size}, async (response, body) => {
      if (!continues(response, partial.size, content.size)) {
        if (response.status === 206)
          throw new Error(
            `${what.url}: the range is ${show(response.headers.get('content-range'))}, expected bytes ${partial.size}-${content.size - 1}/${content.size}`,
          );
        if (partial.size > 0) await startAnew(); // a server that knows no ranges sends all of it
      }
      for await (const part of body) {
        if (partial.size + part.length > content.size) {
          await partial.clear();
          throw new Error(
            `${what.url} has more than ${content.size} bytes, expected that many by the list of ${what.wanted.id}`,
          );
        }
        await partial.append(part);
        hasher.update(part);
        onBytes(partial.size);
      }
      if (partial.size < content.size) {
        throw new TemporaryError(`${what.url}: the connection ended after ${partial.size} of ${content.size} bytes`);
      }
    });
  if (partial.size < content.size) await retry(fetchRest, connection, () => partial.size);
  return hasher.digest();
}

/** Whether an answer goes on where the partial file ends. Pages see no `Content-Range` where a server keeps it from them. */
function continues({status, headers}: Response, from: number, size: number): boolean {
  if (status !== 206) return false;
  const range = headers.get('content-range');
  if (range === null) return true;
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
  return Number(start) === from && (total === '*' || Number(total) === size);
}
