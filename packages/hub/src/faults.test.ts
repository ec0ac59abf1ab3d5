import {createHash} from 'node:crypto';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {type Fault, startHubServer} from '../../../test/hub-server.js';
import {randomCases} from '../../../test/scale.js';
import {hub} from './hub.js';
import type {HubOptions} from './hub-options.js';

const ID = 'some-owner/Some.Model';
const SIZE = 100_000;
const large = Uint8Array.from({length: SIZE}, (_, i) => (i * i) >> 4);
const small = large.slice(0, 900);
const files = {large, small};
/** Quicker by far than `toEqual`. */
const isLarge = (bytes: Uint8Array) => Buffer.compare(bytes, large) === 0;
const commit = 'c0ffee'.padEnd(40, '0');

let folder: string;
let server: Awaited<ReturnType<typeof startHubServer>>;
const waits: number[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hub-'));
  server = await startHubServer({id: ID, files, commit});
  waits.length = 0;
  vi.stubEnv('HF_HUB_OFFLINE', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  rmSync(folder, {recursive: true});
});

const wait = async (milliseconds: number) => void waits.push(milliseconds);
const read = (name: keyof typeof files, options: HubOptions = {}) =>
  hub(ID, {endpoint: server.endpoint, cache: folder, wait, ...options})(name, 2 ** 20);
const ranges = () => server.requests.filter(({at}) => at === 'storage').map(({range}) => range);

/** Throws unless each blob is what its name says, and each file of a snapshot leads to one. */
function checkCache(): void {
  for (const entry of readdirSync(folder, {recursive: true, withFileTypes: true})) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || entry.name.endsWith('.incomplete') || entry.name === 'CACHEDIR.TAG') continue;
    if (entry.parentPath.endsWith('blobs')) expect(hashOf(readFileSync(path), entry.name.length)).toBe(entry.name);
    else if (path.includes('/snapshots/')) expect(statSync(path).isFile()).toBe(true);
    else expect(readFileSync(path, 'utf8')).toBe(commit);
  }
}

function hashOf(bytes: Uint8Array, digits: number): string {
  if (digits === 64) return createHash('sha256').update(bytes).digest('hex');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

describe('a download', () => {
  it('goes on where its connection was cut', async () => {
    server.plan(/storage/, {cutAfter: 30_000}, {cutAfter: 0}, {cutAfter: 20_000});
    expect(await read('large')).toSatisfy(isLarge);
    expect(ranges()).toEqual(['bytes=0-', 'bytes=30000-', 'bytes=30000-', 'bytes=50000-']);
    checkCache();
  });

  it('goes on where an earlier one was given up', async () => {
    server.plan(/storage/, {cutAfter: 30_000});
    await expect(read('large', {retries: 0})).rejects.toThrow(/127\.0\.0\.1.*given up after 1 try/);
    checkCache();
    expect(await read('large')).toSatisfy(isLarge);
    expect(ranges()).toEqual(['bytes=0-', 'bytes=30000-']);
    expect(readdirSync(folder, {recursive: true}).filter((name) => String(name).endsWith('.incomplete'))).toEqual([]);
  });

  it('starts anew where the server knows no ranges', async () => {
    server.plan(/storage/, {cutAfter: 30_000}, {wholeFile: true});
    expect(await read('large')).toSatisfy(isLarge);
    checkCache();
  });

  it('gives a connection up that stays silent, and tries again', async () => {
    server.plan(/storage/, {silentAfter: 30_000});
    expect(await read('large', {timeout: 300})).toSatisfy(isLarge);
    expect(ranges()).toEqual(['bytes=0-', 'bytes=30000-']);
  });

  it('throws away what has another hash, and asks once more', async () => {
    server.plan(/storage/, {flip: 70_000});
    expect(await read('large')).toSatisfy(isLarge);
    expect(ranges()).toEqual(['bytes=0-', 'bytes=0-']);
    checkCache();
  });

  it.each(['large', 'small'] as const)('keeps nothing of a content that is wrong again: %s', async (name) => {
    server.plan(/storage|resolve.*small/, {flip: 70}, {flip: 70});
    await expect(read(name)).rejects.toThrow(new RegExp(`Some\\.Model, ${name}: the hash .* nothing is kept`));
    checkCache();
    expect(await read(name)).toEqual(files[name]);
    expect(ranges()).toEqual(name === 'large' ? ['bytes=0-', 'bytes=0-', 'bytes=0-'] : []);
  });

  it('refuses a content that is longer than the list says', async () => {
    const shorter = await startHubServer({id: ID, files: {large: large.slice(0, 50_000)}, commit});
    const mixed: typeof fetch = (url, init) =>
      fetch(
        String(url).replace(server.endpoint, String(url).includes('/api/') ? shorter.endpoint : server.endpoint),
        init,
      );
    try {
      await expect(read('large', {fetch: mixed})).rejects.toThrow(/the range is .*, expected bytes 0-49999\/50000/);
      server.plan(/storage/, {wholeFile: true});
      await expect(read('large', {fetch: mixed})).rejects.toThrow(/has more than 50000 bytes/);
    } finally {
      await shorter.stop();
    }
    checkCache();
    expect(await read('large')).toSatisfy(isLarge);
  });

  it('waits as long as the server asks for, or longer from try to try', async () => {
    const soon = new Date(Date.now() + 60_000).toUTCString();
    server.plan(
      /api/,
      {status: 429, headers: {'retry-after': '7'}},
      {status: 429, headers: {ratelimit: '"api";r=0;t=55'}},
      {status: 503, headers: {'retry-after': soon}},
      {status: 500},
      {status: 504},
    );
    expect(await read('small')).toEqual(small);
    expect(waits.slice(0, 2)).toEqual([7000, 55_000]);
    expect(waits[2]).toBeGreaterThan(50_000);
    expect(waits[2]).toBeLessThanOrEqual(60_000);
    expect(waits[3]).toBeGreaterThanOrEqual(2000);
    expect(waits[4]).toBeGreaterThanOrEqual(4000);
    expect(waits).toHaveLength(5);
  });

  it.each<[string, Fault, number, RegExp]>([
    ['a server that is down', {status: 503}, 6, /answered 503; given up after 6 tries/],
    ['a server that asks for an hour', {status: 429, headers: {'retry-after': '3600'}}, 1, /asks to wait 3600 s/],
    ['an answer that makes no sense', {status: 418}, 1, /answered 418: expected the file/],
  ])('says of %s what happened', async (_, fault, tries, message) => {
    server.plan(/resolve/, ...Array.from({length: tries}, () => fault));
    await expect(read('small')).rejects.toThrow(message);
    expect(server.left).toBe(0);
    expect(await read('small')).toEqual(small);
  });

  it('asks for another address where the storage says that one has expired', async () => {
    server.plan(/storage/, {status: 403});
    expect(await read('large')).toSatisfy(isLarge);
    expect(server.requests.filter(({path}) => path.includes('resolve'))).toHaveLength(2);
  });

  it('comes through whatever happens, or says why not, and the cache is never wrong', async () => {
    const place = fc.integer({min: 0, max: SIZE});
    const fault = fc.oneof(
      fc.record({cutAfter: place}),
      fc.record({flip: place, cutAfter: place}),
      fc.record({wholeFile: fc.constant(true), cutAfter: place}),
      fc.record({flip: place}),
      fc.record({status: fc.constantFrom(401, 403, 404, 408, 416, 429, 500, 502, 503, 504)}),
    );
    const planned = fc.array(fc.record({at: fc.constantFrom('api', 'resolve', 'storage'), fault}), {maxLength: 12});
    let arrived = 0;
    await fc.assert(
      fc.asyncProperty(planned, fc.integer({min: 0, max: 3}), async (faults, retries) => {
        for (const {at, fault} of faults) server.plan(new RegExp(at), fault);
        for (let tries = 0; ; tries++) {
          const got = await read('large', {retries}).catch((error: unknown) => error);
          checkCache();
          if (!(got instanceof Error)) {
            expect(got).toSatisfy(isLarge);
            break;
          }
          expect(got.message).toMatch(/Some\.Model|127\.0\.0\.1/);
          expect(tries).toBeLessThanOrEqual(faults.length);
        }
        arrived++;
        server.clear();
        rmSync(join(folder, 'models--some-owner--Some.Model'), {recursive: true});
      }),
      {numRuns: randomCases(100)},
    );
    expect(arrived).toBeGreaterThan(0);
  });
});
