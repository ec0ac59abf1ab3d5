import {readFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest';
import {loadSplit, readSplit} from './data-set.js';
import {hubData} from './hub.js';
import {openPlace} from './open-place.js';
import {superGlue} from './super-glue.js';

const folder = new URL('../../fixtures/data/', import.meta.url);
const path = fileURLToPath(folder);
const copa = {...superGlue.copa, splits: {test: ['copa.jsonl']}};
const choices = ['The bulb had burnt through.', 'The street was dry.'];

let server: Server;
let address: string;
/** What was asked for, with what token. */
const asked: string[] = [];

beforeAll(async () => {
  // A folder, and a hub with one data set: what a client needs of it to get a file.
  server = createServer((request, response) => {
    const {url = '', headers, method} = request;
    asked.push(`${method} ${url} ${headers.authorization ?? 'nobody'}`);
    const name = /^(?:\/folder|\/datasets\/own\/copies\/(?:resolve|raw)\/[^/]+)\/(\w+[.]jsonl)/.exec(url)?.[1];
    if (!url.startsWith('/folder') && !url.startsWith('/datasets')) return response.writeHead(404).end();
    if (name !== 'copa.jsonl') return response.writeHead(404, {'x-error-code': 'EntryNotFound'}).end();
    const bytes = readFileSync(new URL(name, folder));
    const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
    response.setHeader('etag', '"0123456789012345678901234567890123456789"');
    if (!range) return response.writeHead(200, {'content-length': bytes.length}).end(bytes);
    const part = bytes.subarray(Number(range[1]), range[2] === '' ? undefined : Number(range[2]) + 1);
    const first = Number(range[1]);
    const content = `bytes ${first}-${first + part.length - 1}/${bytes.length}`;
    response.writeHead(206, {'content-range': content, 'content-length': part.length}).end(part);
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('the rows are the same from', () => {
  it.each<[string, () => Parameters<typeof loadSplit>[1]]>([
    ['a folder', () => path],
    ['a file URL', () => folder],
    ['a file URL as text', () => folder.href],
    ['an address', () => `${address}/folder`],
    ['the hub', () => hubData('datasets/own/copies', {endpoint: address, revision: 'v1', token: 'hf_token'})],
    ['a function', () => async (file) => readFileSync(new URL(file, folder))],
  ])('%s', async (_, place) => {
    const rows = await loadSplit(copa, place(), 'test');
    expect(rows.map(({choice1}) => choice1)).toEqual(choices);
  });
});

it('asks the hub for the revision with the token', () => {
  expect(
    asked.some((line) => /^GET \/datasets\/own\/copies\/resolve\/v1\/copa[.]jsonl.* Bearer hf_token$/.test(line)),
  ).toBe(true);
});

it('reads no more rows than asked for', async () => {
  expect(await loadSplit(copa, path, 'test', {limit: 1})).toHaveLength(1);
  expect(await loadSplit(copa, path, 'test', {limit: 0})).toEqual([]);
  for await (const row of readSplit(copa, path, 'test')) {
    expect(row.choice1).toBe(choices[0]);
    break;
  }
});

it('reads files of other names', async () => {
  expect(await loadSplit(superGlue.copa, path, 'validation', {files: ['copa.jsonl']})).toHaveLength(2);
});

it('says how a folder is written whose path is like one of the hub', async () => {
  // The hub's own address leads to the one here.
  const ours = globalThis.fetch;
  vi.stubGlobal('fetch', (url: URL, init?: RequestInit) =>
    ours(String(url).replace('https://huggingface.co', address), init),
  );
  await expect(openPlace('datasets/own/copies')('none.jsonl', 10)).rejects.toThrow(
    'there is no such file on the hub; a folder on disk is written ./datasets/own/copies',
  );
  vi.unstubAllGlobals();
});

describe('refuses', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ['a split that is none', () => loadSplit(copa, path, 'dev'), 'copa has no split "dev", expected one of test'],
    ['a split of another object', () => loadSplit(copa, path, 'toString'), 'copa has no split "toString"'],
    ['a file that is missing', () => loadSplit(superGlue.copa, path, 'train'), 'ENOENT'],
    [
      'an address that is missing',
      () => loadSplit(superGlue.copa, `${address}/folder`, 'train'),
      'the server answered 404',
    ],
    [
      'a file that the hub has not',
      () => loadSplit(superGlue.copa, hubData('datasets/own/copies', {endpoint: address}), 'train'),
      'train.jsonl: there is no such file on the hub',
    ],
    [
      'a hub that is none',
      () => loadSplit(superGlue.copa, hubData('datasets/own/copies', {endpoint: `${address}/other`}), 'train'),
      'datasets/own/copies, train.jsonl: there is no such file on the hub',
    ],
    ['a place that is none', async () => openPlace(''), 'the place of a data set is "", expected a folder'],
    [
      'a hub id that is none',
      async () => hubData('own/copies'),
      'hubData: id is "own/copies", expected datasets/owner/name',
    ],
    [
      'an option that is none',
      () => loadSplit(copa, path, 'test', {most: 1} as object),
      'there is no option "most" (1)',
    ],
  ])('%s', async (_, call, message) => {
    await expect(call()).rejects.toThrow(message);
  });

  it('a file of more bytes than the limit', async () => {
    await expect(openPlace(path)('copa.jsonl', 10)).rejects.toThrow('bytes, expected at most 10');
    await expect(openPlace(`${address}/folder`)('copa.jsonl', 10)).rejects.toThrow('bytes, expected at most 10');
    const hub = hubData('datasets/own/copies', {endpoint: address});
    await expect(hub('copa.jsonl', 10)).rejects.toThrow('bytes, expected at most 10');
  });
});
