import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {hostname, tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {scanCacheDir} from '@huggingface/hub';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {startHubServer} from '../../../../test/hub-server.js';
import {hub} from '../hub.js';
import {diskCache} from './disk-cache.js';

interface Golden {
  readonly id: string;
  readonly commit: string;
  readonly entries: readonly {readonly name: string; readonly link?: string; readonly base64?: string}[];
}
const golden: Golden = JSON.parse(readFileSync(new URL('../../golden/python-cache.json', import.meta.url), 'utf8'));
const {id, commit, entries} = golden;
/** What Python downloaded: name and content. */
const files = Object.fromEntries(
  entries.flatMap(({name, link}) => {
    if (link === undefined) return [];
    const blob = entries.find((entry) => entry.name === join(dirname(name), link));
    return [[name.split(`${commit}/`)[1], new Uint8Array(Buffer.from(blob?.base64 ?? '', 'base64'))]];
  }),
);
const repository = `models--${id.replace('/', '--')}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, {recursive: true});
});

describe('the cache on disk', () => {
  it('finds what Python’s huggingface_hub has downloaded', async () => {
    for (const {name, link, base64} of entries) {
      mkdirSync(dirname(join(folder, name)), {recursive: true});
      if (link === undefined) writeFileSync(join(folder, name), Buffer.from(base64 ?? '', 'base64'));
      else symlinkSync(link, join(folder, name));
    }
    expect(Object.keys(files)).toHaveLength(3);
    for (const revision of ['main', commit]) {
      const read = hub(id, {cache: folder, offline: true, revision});
      for (const [name, bytes] of Object.entries(files)) expect(await read(name, 2 ** 20)).toEqual(bytes);
    }
  });

  it('looks, link for link, as Python’s does, and @huggingface/hub reads it', async () => {
    const server = await startHubServer({id, commit, files});
    try {
      const read = hub(id, {endpoint: server.endpoint, cache: folder, offline: false});
      for (const [name, bytes] of Object.entries(files)) expect(await read(name, 2 ** 20)).toEqual(bytes);
    } finally {
      await server.stop();
    }
    const made = readdirSync(join(folder, repository), {recursive: true, withFileTypes: true})
      .filter((entry) => !entry.isDirectory())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const name = path.slice(folder.length + 1);
        return entry.isSymbolicLink() ? {name, link: readlinkSync(path)} : {name, base64: readFileSync(path, 'base64')};
      });
    expect(made.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(entries);

    const {repos, warnings} = await scanCacheDir(folder);
    expect(warnings).toEqual([]);
    expect(repos).toMatchObject([
      {id: {name: id, type: 'model'}, filesCount: 2, revisions: [{commitOid: commit, refs: ['main']}]},
    ]);
  });

  it('copies a content where the system makes no symbolic links, as Windows does not for everybody', async () => {
    const server = await startHubServer({id, commit, files});
    vi.spyOn(process.getBuiltinModule('node:fs/promises'), 'symlink').mockRejectedValue(
      Object.assign(new Error('EPERM: operation not permitted'), {code: 'EPERM'}),
    );
    try {
      const read = hub(id, {endpoint: server.endpoint, cache: folder, offline: false});
      for (const [name, bytes] of Object.entries(files)) expect(await read(name, 2 ** 20)).toEqual(bytes);
    } finally {
      await server.stop();
    }
    const read = hub(id, {cache: folder, offline: true});
    for (const [name, bytes] of Object.entries(files)) expect(await read(name, 2 ** 20)).toEqual(bytes);
    expect(lstatSync(join(folder, repository, 'snapshots', commit, 'config.json')).isSymbolicLink()).toBe(false);
  });

  it('takes up the partial file of a process that is no more, and leaves those of others alone', async () => {
    const etag = 'ab'.repeat(32);
    const blobs = join(folder, repository, 'blobs');
    mkdirSync(blobs, {recursive: true});
    const host = hostname().replace(/[^\w.]/g, '_');
    const leave = (name: string, text: string, seconds = 0) => {
      writeFileSync(join(blobs, name), text);
      const then = Date.now() / 1000 - seconds;
      utimesSync(join(blobs, name), then, then);
    };
    const content = {etag, size: 10};
    const take = async () => {
      const partial = await diskCache(folder, id).open(content);
      const parts: string[] = [];
      for await (const part of partial.parts()) parts.push(Buffer.from(part).toString());
      await partial.clear();
      await partial.keep();
      return parts.join('');
    };
    leave(`${etag}.${host}-1-abcdef.incomplete`, 'of one at work');
    leave(`${etag}.elsewhere-99-abcdef.incomplete`, 'of one at work elsewhere');
    leave(`${etag}.0a1b2c3d.incomplete`, 'Python’s', 9999);
    leave(`${'cd'.repeat(32)}.${host}-4194305-abcdef.incomplete`, 'of another content');
    expect(await take()).toBe('');
    leave(`${etag}.${host}-4194305-abcdef.incomplete`, 'left'); // no process has such a number
    expect(await take()).toBe('left');
    leave(`${etag}.elsewhere-98-abcdef.incomplete`, 'old', 4000);
    expect(await take()).toBe('old');
    expect(readdirSync(blobs)).toHaveLength(4);
  });
});
