import util from 'node:util';
import {kernelPath} from '@subset-tuning/kernels';
import {afterEach, expect, test, vi} from 'vitest';
import {register} from './register.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test('registers before the backend is there, and says so once', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  register();
  register();
  expect(kernelPath('SubsetStep', 'tensorflow')).toBe('fused');
  const warnings = warn.mock.calls.map(String).filter((text) => text.includes('kernels are registered'));
  expect(warnings).toEqual([
    expect.stringContaining("TensorFlow.js has no backend 'tensorflow' here: import @tensorflow/tfjs-node first"),
  ]);
});

test('says that tfjs-node does not run on Node 23 and newer', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const removed = Object.getOwnPropertyDescriptor(util, 'isNullOrUndefined');
  Reflect.deleteProperty(util, 'isNullOrUndefined');
  try {
    register();
  } finally {
    if (removed) Object.defineProperty(util, 'isNullOrUndefined', removed);
  }
  expect(warn).toHaveBeenLastCalledWith(expect.stringContaining('tfjs-node 4.22 runs on Node 20 and 22'));
});
