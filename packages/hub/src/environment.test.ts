import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, describe, expect, it, vi} from 'vitest';
import {readEnvironment} from './environment.js';

const NAMES = [
  ...['HF_ENDPOINT', 'HF_HOME', 'HF_HUB_CACHE', 'HF_HUB_OFFLINE', 'HF_TOKEN', 'HF_TOKEN_PATH'],
  ...['HUGGINGFACE_HUB_CACHE', 'HUGGING_FACE_HUB_TOKEN', 'TRANSFORMERS_OFFLINE', 'XDG_CACHE_HOME'],
];
const given = (variables: Record<string, string>) => {
  for (const name of NAMES) vi.stubEnv(name, variables[name] ?? '');
  return readEnvironment();
};
afterEach(() => vi.unstubAllEnvs());

describe('readEnvironment', () => {
  it.each([
    [{}, join(homedir(), '.cache/huggingface/hub')],
    [{XDG_CACHE_HOME: '/caches'}, '/caches/huggingface/hub'],
    [{XDG_CACHE_HOME: '/caches', HF_HOME: '~/hf'}, join(homedir(), 'hf/hub')],
    [{HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old'}, '/old'],
    [{HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '$HF_HOME/$NONE/new'}, '/hf/$NONE/new'],
  ])('finds Python’s cache by %o', (variables, folder) => {
    expect(given(variables).cache).toBe(folder);
  });

  it('knows endpoint and offline mode as Python does', () => {
    expect(given({})).toMatchObject({endpoint: 'https://huggingface.co', offline: false});
    expect(given({HF_ENDPOINT: 'https://mirror.example/hf/'}).endpoint).toBe('https://mirror.example/hf');
    for (const yes of ['1', 'ON', 'yes', 'True']) expect(given({HF_HUB_OFFLINE: yes}).offline).toBe(true);
    expect(given({TRANSFORMERS_OFFLINE: '1'}).offline).toBe(true);
    for (const no of ['0', 'off', 'no']) expect(given({HF_HUB_OFFLINE: no}).offline).toBe(false);
  });

  it('finds the token in its variable or in its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hub-'));
    try {
      writeFileSync(join(folder, 'token'), 'hf_file\n');
      expect(await given({HF_HOME: join(folder, 'none')}).token()).toBe(undefined);
      expect(await given({HF_HOME: folder}).token()).toBe('hf_file');
      expect(await given({HF_TOKEN_PATH: join(folder, 'token')}).token()).toBe('hf_file');
      expect(await given({HF_HOME: folder, HF_TOKEN: ' hf_given\n'}).token()).toBe('hf_given');
    } finally {
      rmSync(folder, {recursive: true});
    }
  });
});
