import {isObject, show} from '@subset-tuning/checks';
import {isCommit, isEtag} from './names.js';
import {type Connection, request} from './request.js';
import {retry} from './retry.js';

/** A content: what the hub calls it by, its SHA-256 or git's SHA-1, and its number of bytes. */
export interface Content {
  readonly etag: string;
  readonly size: number;
}

/** What a revision holds. */
export interface Listing {
  readonly commit: string;
  readonly files: ReadonlyMap<string, Content>;
}

const MAX_BYTES = 2 ** 25;

/** Asks the hub what a revision stands for, in one request: its commit, and each file's size and hash. */
export async function requestListing(
  connection: Connection,
  {id, revision}: {id: string; revision: string},
): Promise<Listing> {
  const {endpoint, token} = connection;
  const url = `${endpoint}/api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const wanted = {endpoint, id, revision, hasToken: token !== undefined};
  const text = await retry(() => request(connection, {url, wanted}, (_, body) => textOf(url, body)), connection);
  return parse(url, text);
}

async function textOf(url: string, body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > MAX_BYTES) throw new Error(`${url} has more than ${MAX_BYTES} bytes, expected at most that`);
    text += decoder.decode(part, {stream: true});
  }
  return text + decoder.decode();
}

function parse(url: string, text: string): Listing {
  let listing: unknown;
  try {
    listing = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${url} answered with ${show(text)}, expected JSON: is this a hub?`, {cause});
  }
  if (!isObject(listing) || typeof listing.sha !== 'string' || !isCommit(listing.sha)) {
    throw new Error(`${url} answered with ${show(listing)}, expected an object with the commit as sha: is this a hub?`);
  }
  const {sha: commit, siblings} = listing;
  if (!Array.isArray(siblings)) throw new Error(`${url}: siblings is ${show(siblings)}, expected an array of files`);
  const files = new Map<string, Content>();
  for (const sibling of siblings) {
    const {rfilename: name, size, blobId, lfs} = isObject(sibling) ? sibling : {};
    // A large file is called by its own hash, not by that of the pointer that git keeps.
    const etag = isObject(lfs) ? lfs.sha256 : blobId;
    if (
      typeof name !== 'string' ||
      !isEtag(etag) ||
      typeof size !== 'number' ||
      !Number.isSafeInteger(size) ||
      size < 0
    ) {
      throw new Error(
        `${url} lists ${show(sibling)}, expected a file with its size and its hash (rfilename, size, blobId)`,
      );
    }
    files.set(name, {etag, size});
  }
  return {commit, files};
}
