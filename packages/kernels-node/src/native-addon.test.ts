import {afterEach, expect, test, vi} from 'vitest';
import {nativeAddon} from './native-addon.js';
import type {NodeBackend} from './node-backend.js';

afterEach(() => {
  vi.restoreAllMocks();
});

// Only what is asked of a backend here.
const backend = (isUsingGpuDevice: boolean) => ({isUsingGpuDevice}) as NodeBackend;

test('says once what is slower without the library, and what builds it, but not on a GPU', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  expect(nativeAddon(backend(true))).toBeUndefined();
  expect(warn).not.toHaveBeenCalled();
  expect(nativeAddon(backend(false))).toBeUndefined();
  expect(nativeAddon(backend(false))).toBeUndefined();
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/several times as long .*the addon of tfjs-node was not found\. 'npx build-tfjs-node'/)],
  ]);
});
