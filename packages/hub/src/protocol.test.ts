import {downloadFile, fileDownloadInfo, modelInfo, pathsInfo} from '@huggingface/hub';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {startHubServer} from '../../../test/hub-server.js';

const ID = 'some-owner/Some.Model';
const large = Uint8Array.from({length: 50_000}, (_, i) => (i * i) >> 3);
const small = large.slice(0, 100);

let server: Awaited<ReturnType<typeof startHubServer>>;
beforeAll(async () => {
  server = await startHubServer({id: ID, files: {large, small}});
});
afterAll(() => server.stop());

/** What the other tests’ server says is understood by a client that is not ours. */
describe('the tests’ server, to @huggingface/hub', () => {
  it('tells commit, sizes and hashes', async () => {
    const at = {hubUrl: server.endpoint};
    expect(await modelInfo({name: ID, additionalFields: ['sha'], ...at})).toMatchObject({sha: server.commitOf(ID)});
    const infos = await pathsInfo({repo: ID, paths: ['large', 'small', 'none'], ...at});
    expect(infos).toMatchObject([
      {path: 'large', size: 50_000, lfs: {oid: expect.stringMatching(/^[0-9a-f]{64}$/), size: 50_000}},
      {path: 'small', size: 100, oid: expect.stringMatching(/^[0-9a-f]{40}$/)},
    ]);
    const small = await fileDownloadInfo({repo: ID, path: 'small', ...at});
    expect(small).toMatchObject({size: 100, etag: `"${infos[1].oid}"`});
    expect(await fileDownloadInfo({repo: ID, path: 'none', ...at})).toBe(null);
  });

  it('gives files, in ranges too', async () => {
    for (const [path, bytes] of Object.entries({large, small})) {
      const blob = await downloadFile({repo: ID, path, hubUrl: server.endpoint});
      expect(new Uint8Array((await blob?.arrayBuffer()) ?? [])).toEqual(bytes);
      expect(new Uint8Array((await blob?.slice(10, 20).arrayBuffer()) ?? [])).toEqual(bytes.slice(10, 20));
    }
  });
});
