import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {startHubServer} from '../../../test/hub-server.js';
import {hub} from './hub.js';
import type {HubOptions, Progress} from './hub-options.js';

const ID = 'some-owner/Some.Model';
const bytesOf = (text: string) => new TextEncoder().encode(text);
const files = {
  'config.json': bytesOf('{"model_type": "llama"}'),
  'model.safetensors': Uint8Array.from({length: 20_000}, (_, i) => (i * i) >> 3),
  'onnx/a b.txt': bytesOf('text'),
  'empty.txt': new Uint8Array(),
};
const LIMIT = 2 ** 20;

let folder: string;
let server: Awaited<ReturnType<typeof startHubServer>>;
const waits: number[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hub-'));
  server = await startHubServer(
    {id: ID, files},
    {id: 'some-owner/private', files, token: 'hf_secret'},
    {id: 'some-owner/gated', files, gated: true},
  );
  waits.length = 0;
  for (const name of ['HF_ENDPOINT', 'HF_TOKEN', 'HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE']) vi.stubEnv(name, '');
  vi.stubEnv('HF_HOME', folder);
  vi.stubEnv('HF_HUB_CACHE', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  rmSync(folder, {recursive: true});
});

const open = (options: HubOptions = {}, id = ID) =>
  hub(id, {endpoint: server.endpoint, wait: async (milliseconds) => void waits.push(milliseconds), ...options});
const fail = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing',
    (error: unknown) => String(error),
  );

describe('hub', () => {
  it.each(['disk', 'memory'])('downloads a file once, and then takes it from the cache (%s)', async (kind) => {
    const read = open(kind === 'memory' ? {cache: false} : {});
    for (const [name, bytes] of Object.entries(files)) expect(await read(name, LIMIT)).toEqual(bytes);
    const first = server.requests.length;
    // One list, three files (none for what is empty), and one redirect to the storage.
    expect(first).toBe(5);
    expect(server.requests.filter(({at}) => at === 'storage')).toHaveLength(1);
    for (const [name, bytes] of Object.entries(files)) expect(await read(name, LIMIT)).toEqual(bytes);
    expect(server.requests.length - first).toBe(kind === 'memory' ? 4 : 0);
    expect(waits).toEqual([]);
  });

  it.each(['disk', 'memory'])('opens a file to be read in parts (%s)', async (kind) => {
    const {size, read} = await open(kind === 'memory' ? {cache: false} : {}).open('model.safetensors', LIMIT);
    expect(size).toBe(20_000);
    expect(await read(100, 200)).toEqual(files['model.safetensors'].slice(100, 200));
    expect(await read(19_990, 20_000)).toEqual(files['model.safetensors'].slice(19_990));
    expect(await read(7, 7)).toEqual(new Uint8Array());
  });

  it('gives the revision’s files as they are now, and keeps to the commit that it began with', async () => {
    const read = open();
    await read('config.json', LIMIT);
    const commit = server.commitOf(ID);
    const newer = {...files, 'config.json': bytesOf('{"model_type": "newer"}')};
    server.replace({id: ID, files: newer});
    expect(await fail(read('onnx/a b.txt', LIMIT))).toContain(`has no revision`); // of that commit: this hub forgot it
    expect(await open()('config.json', LIMIT)).toEqual(newer['config.json']);
    expect(await open({revision: commit, offline: true})('config.json', LIMIT)).toEqual(files['config.json']);
    expect(await open({offline: true})('config.json', LIMIT)).toEqual(newer['config.json']);
  });

  it('reads a commit that is in the cache without asking the hub, and a revision with slashes', async () => {
    const commit = server.commitOf(ID);
    await open({revision: commit})('config.json', LIMIT);
    server.requests.length = 0;
    expect(await open({revision: commit})('config.json', LIMIT)).toEqual(files['config.json']);
    expect(server.requests).toEqual([]);
    expect(await open({revision: 'refs/pr/1'})('config.json', LIMIT)).toEqual(files['config.json']);
    expect(readFileSync(join(folder, 'hub/models--some-owner--Some.Model/refs/refs/pr/1'), 'utf8')).toBe(commit);
  });

  it('does not fetch a content again that another commit has too', async () => {
    await open()('model.safetensors', LIMIT);
    server.replace({id: ID, files: {...files, 'config.json': bytesOf('{}')}});
    await open()('model.safetensors', LIMIT);
    expect(server.requests.filter(({at}) => at === 'storage')).toHaveLength(1);
  });

  it('downloads a content once for all who ask at the same time', async () => {
    const reads = await Promise.all([open(), open(), open()].map((read) => read('model.safetensors', LIMIT)));
    for (const read of reads) expect(read).toEqual(files['model.safetensors']);
    expect(server.requests.filter(({at}) => at === 'storage')).toHaveLength(1);
  });

  it('tells how far it has come', async () => {
    const heard: Progress[] = [];
    const read = open({onProgress: (progress) => heard.push(progress)});
    await read('model.safetensors', LIMIT);
    const loaded = heard.map((progress) => progress.loaded);
    expect(loaded[0]).toBe(0);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
    expect(heard.at(-1)).toEqual({file: 'model.safetensors', loaded: 20_000, total: 20_000});
    heard.length = 0;
    await read('model.safetensors', LIMIT);
    expect(heard).toEqual([{file: 'model.safetensors', loaded: 20_000, total: 20_000}]);
  });

  it('sends the token to the hub and not to its storage, the environment’s to the environment’s hub alone', async () => {
    const id = 'some-owner/private';
    const seen = () => server.requests.splice(0).map(({at, authorization}) => `${at} ${authorization}`);
    await open({token: 'hf_secret'}, id)('model.safetensors', LIMIT);
    expect(seen()).toEqual(['hub Bearer hf_secret', 'hub Bearer hf_secret', 'storage undefined']);
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    expect(await fail(open({}, id)('config.json', LIMIT))).toContain('answered 401');
    expect(seen()).toEqual(['hub undefined']);
    vi.stubEnv('HF_ENDPOINT', `${server.endpoint}/`);
    await hub(id)('config.json', LIMIT);
    vi.stubEnv('HF_TOKEN', '');
    writeFileSync(join(folder, 'token'), 'hf_secret\n'); // as `hf auth login` leaves it
    await hub(id)('onnx/a b.txt', LIMIT);
    expect(new Set(seen())).toEqual(new Set(['hub Bearer hf_secret']));
  });

  it('honours the environment’s cache and offline mode', async () => {
    vi.stubEnv('HF_ENDPOINT', server.endpoint);
    vi.stubEnv('HF_HUB_CACHE', join(folder, 'elsewhere'));
    await hub(ID)('config.json', LIMIT);
    server.requests.length = 0;
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect(await hub(ID)('config.json', LIMIT)).toEqual(files['config.json']);
    await expect(hub(ID)('model.safetensors', LIMIT)).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringMatching(/Some\.Model, model\.safetensors: the cache \(.*elsewhere.*offline/),
    });
    expect(server.requests).toEqual([]);
  });

  it('takes what is in the cache where the hub cannot be reached, all of one commit', async () => {
    await open()('config.json', LIMIT);
    server.plan(/hub/, {status: 503});
    const read = open();
    expect(await read('config.json', LIMIT)).toEqual(files['config.json']);
    server.replace({id: ID, files: {...files, 'onnx/a b.txt': bytesOf('newer')}});
    // Not what main stands for by now.
    expect(await fail(read('onnx/a b.txt', LIMIT))).toContain('has no revision');
    await server.stop();
    expect(await open()('config.json', LIMIT)).toEqual(files['config.json']);
    expect(waits).toEqual([]);
    expect(await fail(open({retries: 1})('onnx/a b.txt', LIMIT))).toMatch(/127\.0\.0\.1.*given up after 2 tries/);
    server = await startHubServer();
  });

  it.each<[string, string, HubOptions, RegExp]>([
    [
      'some-owner/none',
      'config.json',
      {},
      /none: http.* answered 401 .*there is no such model; if it is private, give a token/,
    ],
    ['some-owner/none', 'config.json', {token: 'hf_x'}, /answered 404 .*no such model, or the token may not read it/],
    ['some-owner/private', 'config.json', {}, /private: http.* answered 401/],
    [
      'some-owner/gated',
      'config.json',
      {},
      /gated, config\.json: .* answered 403 .*ask for it at http.*gated, and give a/,
    ],
    [ID, 'config.json', {revision: 'v9'}, /answered 404 .*no revision "v9"; expected a branch, a tag or a commit/],
    [ID, 'other.json', {}, /Some\.Model, other\.json: there is no such file in "main", expected one of .*config\.json/],
    [ID, 'model.safetensors', {}, /model\.safetensors has 20000 bytes, expected at most 1000/],
  ])('says of %s, %s, %o what is wrong', async (id, file, options, message) => {
    expect(await fail(open(options, id)(file, 1000))).toMatch(message);
    expect(waits).toEqual([]);
    const isMissing = file === 'other.json';
    const error: unknown = await open(options, id)(file, 1000).catch((error: unknown) => error);
    expect(error instanceof Error && 'code' in error && error.code === 'ENOENT').toBe(isMissing);
  });

  it.each<[string, () => unknown]>([
    ['hub: id is "../x", expected a model’s id', () => open({}, '../x')],
    ['hub: id is "a/b/c", expected a model’s id', () => open({}, 'a/b/c')],
    ['hub: id is "a--b", expected a model’s id', () => open({}, 'a--b')],
    ['hub: revision is "../../x", expected a branch', () => open({revision: '../../x'})],
    ['hub: endpoint is "hub.example", expected an http(s) address', () => open({endpoint: 'hub.example'})],
    ['hub: there is no option "revison"', () => open({revison: 'main'} as HubOptions)],
    ['hub: file is "../token", expected a file’s path', () => open()('../token', LIMIT)],
    ['hub: file is "/etc/passwd", expected a file’s path', () => open()('/etc/passwd', LIMIT)],
    ['hub: file is "a\\\\b", expected a file’s path', () => open()('a\\b', LIMIT)],
    ['hub: limit is undefined, expected a number of bytes', () => open()('config.json', undefined as never)],
    ['hub: the token has characters that none has', () => open({token: 'hf_\nx'})('config.json', LIMIT)],
  ])('refuses wrong calls: %s', async (message, call) => {
    expect(await fail((async () => call())())).toContain(message);
    expect(server.requests).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['expected JSON', '<html>'],
    ['expected an object with the commit as sha', []],
    ['expected an object with the commit as sha', {sha: '../../x', siblings: []}],
    ['expected an array of files', {sha: 'a'.repeat(40)}],
    ['expected a file with its size and its hash', {sha: 'a'.repeat(40), siblings: [{rfilename: 'config.json'}]}],
    [
      'expected a file with its size and its hash',
      {sha: 'a'.repeat(40), siblings: [{rfilename: 'config.json', size: 1, blobId: '../x'}]},
    ],
  ])('believes no list that is none: %s', async (message, answer) => {
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
    const read = open({fetch: async () => new Response(body)});
    expect(await fail(read('config.json', LIMIT))).toContain(message);
  });

  it('ends where its signal aborts, and keeps what had come', async () => {
    const stopping = new AbortController();
    const size = files['model.safetensors'].length;
    server.plan(/storage/, {silentAfter: 8000});
    const onProgress = ({loaded}: Progress) => loaded >= 8000 && loaded < size && stopping.abort(new Error('enough'));
    await expect(open({signal: stopping.signal, onProgress})('model.safetensors', LIMIT)).rejects.toThrow('enough');
    await expect(open({signal: stopping.signal})('model.safetensors', LIMIT)).rejects.toThrow('enough');
    server.requests.length = 0;
    expect(await open()('model.safetensors', LIMIT)).toEqual(files['model.safetensors']);
    expect(server.requests.at(-1)?.range).toBe('bytes=8000-');
  });

  it('ends a wait where its signal aborts', async () => {
    const stopping = new AbortController();
    server.plan(/hub/, {status: 503});
    const wait = () => {
      stopping.abort(new Error('enough'));
      return new Promise<void>(() => {});
    };
    await expect(open({signal: stopping.signal, wait})('config.json', LIMIT)).rejects.toThrow('enough');
  });

  it('says where a cache cannot be', async () => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'hub'), {recursive: true});
    expect(await fail(open({cache: join(folder, 'file')})('config.json', LIMIT))).toMatch(/ENOTDIR|EEXIST/);
  });
});
