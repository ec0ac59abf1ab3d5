import {createHash} from 'node:crypto';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';

/** What one answer does instead of what it should. */
export interface Fault {
  /** Answers with this status and nothing else. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Cuts the connection after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Says nothing more after so many bytes of the body. */
  readonly silentAfter?: number;
  /** Flips a bit of the byte at this place of the file. */
  readonly flip?: number;
  /** Sends all of the file, whatever range was asked for. */
  readonly wholeFile?: boolean;
  /** Calls back before the answer. */
  readonly then?: () => unknown;
}

/** A repository of models. */
export interface ServedRepository {
  readonly id: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Default: made of the files. */
  readonly commit?: string;
  /** Files of at least so many bytes are kept by the hub's storage: there is a redirect to it. Default: 1000. */
  readonly largeFrom?: number;
  /** Without it, the repository cannot be seen. */
  readonly token?: string;
  /** Seen by all, read by nobody. */
  readonly gated?: boolean;
}

interface SeenRequest {
  readonly at: 'hub' | 'storage';
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** Where the hub of that name sends readers: a client that reaches this server by the name finds its storage so, too. */
const storages: Readonly<Record<string, string>> = {'huggingface.co': 'https://cas-bridge.xethub.hf.co'};

const EXPOSED =
  'X-Repo-Commit,X-Error-Code,X-Error-Message,ETag,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag';

/**
 * A server that speaks the hub's protocol over http, and a second one, its storage, where it sends large files' readers
 * to by addresses that hold for one request.
 */
export async function startHubServer(...repositories: readonly ServedRepository[]) {
  const served = new Map(repositories.map((repository) => [repository.id, snapshotOf(repository)]));
  const requests: SeenRequest[] = [];
  const faults: {at: RegExp; fault: Fault}[] = [];
  const signed = new Map<string, Uint8Array>();

  const listen = async (
    at: SeenRequest['at'],
    answer: (request: IncomingMessage, response: ServerResponse, fault: Fault) => unknown,
  ) => {
    const server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-expose-headers', EXPOSED);
      if (request.method === 'OPTIONS') {
        response.setHeader('access-control-allow-headers', 'authorization,range,content-type');
        response.writeHead(204).end();
        return;
      }
      requests.push({at, path, range: request.headers.range, authorization: request.headers.authorization});
      const next = faults.findIndex((planned) => planned.at.test(`${at} ${path}`));
      const fault = next < 0 ? {} : faults.splice(next, 1)[0].fault;
      fault.then?.();
      if (fault.status !== undefined) response.writeHead(fault.status, fault.headers).end('a fault');
      else answer(request, response, fault);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`};
  };

  const storage = await listen('storage', (request, response, fault) => {
    const address = request.url ?? '';
    const bytes = signed.get(address);
    signed.delete(address);
    response.setHeader('etag', '"the storage has names of its own"');
    if (bytes) sendFile(request, response, bytes, fault);
    else response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
  });

  const hub = await listen('hub', async (request, response, fault) => {
    const address = new URL(request.url ?? '', 'http://hub');
    const path = decodeURIComponent(address.pathname);
    const [, id = '', kind, revision = '', file] =
      /^\/api\/models\/(.+?)\/(revision|paths-info)\/(.+)$/.exec(path) ??
      /^\/(.+?)\/(resolve)\/(refs\/[^/]+\/[^/]+|[^/]+)\/(.+)$/.exec(path) ??
      [];
    const refuse = (status: number, code: string, message: string) => {
      response.writeHead(status, {'x-error-code': code, 'x-error-message': message}).end();
    };
    const repository = served.get(id);
    if (!repository || (repository.token && request.headers.authorization !== `Bearer ${repository.token}`)) {
      const isKnown = request.headers.authorization !== undefined;
      return refuse(
        isKnown ? 404 : 401,
        'RepoNotFound',
        isKnown ? 'Repository not found' : 'Invalid username or password.',
      );
    }
    if (!kind) return refuse(404, 'EntryNotFound', 'Not found');
    if (!repository.revisions.has(revision)) return refuse(404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    if (kind === 'revision') return send(response, {id, sha: repository.commit, siblings: repository.siblings});
    if (kind === 'paths-info') return send(response, await pathsOf(request, repository));
    const entry = repository.files.get(file);
    response.setHeader('x-repo-commit', repository.commit);
    if (!entry) return refuse(404, 'EntryNotFound', 'Entry not found');
    if (repository.gated) return refuse(403, 'GatedRepo', `Access to model ${id} is restricted.`);
    if (!entry.lfs) {
      response.setHeader('etag', `"${entry.blobId}"`);
      return sendFile(request, response, entry.bytes, fault);
    }
    const place = `/${entry.lfs.sha256}?signature=${signed.size + requests.length}`;
    signed.set(place, entry.bytes);
    const linked = {'x-linked-etag': `"${entry.lfs.sha256}"`, 'x-linked-size': String(entry.size)};
    const to = storages[request.headers.host ?? ''] ?? storage.origin;
    response.writeHead(302, {location: `${to}${place}`, ...linked}).end();
  });

  return {
    endpoint: hub.origin,
    storage: storage.origin,
    /** All requests so far, in order. */
    requests,
    /** Makes the next answers to requests whose `SERVER PATH` matches go wrong, one after the other. */
    plan(at: RegExp, ...planned: readonly Fault[]) {
      for (const fault of planned) faults.push({at, fault});
    },
    /** Forgets what is planned and seen. */
    clear() {
      faults.length = 0;
      requests.length = 0;
    },
    /** How many planned faults have not been met. */
    get left() {
      return faults.length;
    },
    commitOf: (id: string) => served.get(id)?.commit ?? '',
    /** Puts another content in a repository's place. */
    replace(repository: ServedRepository) {
      served.set(repository.id, snapshotOf(repository));
    },
    stop: () => Promise.all([stop(hub.server), stop(storage.server)]),
  };
}

function snapshotOf({id, files, commit, largeFrom = 1000, token, gated}: ServedRepository) {
  const entries = Object.entries(files).map(([name, bytes]) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const lfs = bytes.length >= largeFrom ? {sha256, size: bytes.length, pointerSize: 134} : undefined;
    const blobId = createHash('sha1').update(lfs ? `pointer to ${sha256}` : `blob ${bytes.length}\0`);
    if (!lfs) blobId.update(bytes);
    return {name, bytes, size: bytes.length, blobId: blobId.digest('hex'), lfs};
  });
  const made = createHash('sha1')
    .update(JSON.stringify([id, entries.map(({blobId}) => blobId)]))
    .digest('hex');
  return {
    token,
    gated,
    commit: commit ?? made,
    revisions: new Set(['main', 'HEAD', 'refs/pr/1', commit ?? made]),
    files: new Map(entries.map((entry) => [entry.name, entry])),
    siblings: entries.map(({name, size, blobId, lfs}) => ({rfilename: name, size, blobId, ...(lfs && {lfs})})),
  };
}

async function pathsOf(request: IncomingMessage, {files, commit}: ReturnType<typeof snapshotOf>): Promise<unknown> {
  let text = '';
  for await (const part of request) text += part;
  const paths: string[] = JSON.parse(text).paths;
  return paths.flatMap((path) => {
    const entry = files.get(path);
    if (!entry) return [];
    const {lfs, size, blobId: oid} = entry;
    const lastCommit = {id: commit, title: 'a commit', date: '2026-01-01T00:00:00Z'};
    return [{type: 'file', path, size, oid, lastCommit, ...(lfs && {lfs: {oid: lfs.sha256, size, pointerSize: 134}})}];
  });
}

function send(response: ServerResponse, json: unknown): void {
  response.writeHead(200, {'content-type': 'application/json'}).end(JSON.stringify(json));
}

function sendFile(request: IncomingMessage, response: ServerResponse, whole: Uint8Array, fault: Fault): void {
  const range = fault.wholeFile ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(Number(range[2]) + 1, whole.length) : whole.length;
  if (range && start >= whole.length) {
    response.writeHead(416, {'content-range': `bytes */${whole.length}`}).end();
    return;
  }
  const body = whole.slice(start, end);
  if (fault.flip !== undefined && fault.flip >= start && fault.flip < end) body[fault.flip - start] ^= 1;
  const partial = range ? {'content-range': `bytes ${start}-${end - 1}/${whole.length}`} : undefined;
  response.writeHead(range ? 206 : 200, {'accept-ranges': 'bytes', 'content-length': String(body.length), ...partial});
  if (request.method === 'HEAD') response.end();
  else if (fault.cutAfter !== undefined) {
    response.write(body.subarray(0, fault.cutAfter), () => setImmediate(() => response.destroy()));
  } else if (fault.silentAfter !== undefined) response.write(body.subarray(0, fault.silentAfter));
  else response.end(body);
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
