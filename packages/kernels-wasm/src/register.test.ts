import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {afterEach, beforeAll, expect, test, vi} from 'vitest';
import {type RegisterOptions, register} from './register.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
});

const kernel = (name: string) => tf.getKernel(name, 'wasm');
const product = () => tf.tidy(() => [...tf.matMul(tf.ones([2, 3, 4]), tf.ones([2, 5, 4]), false, true).dataSync()]);

afterEach(() => {
  vi.restoreAllMocks();
});

test('adds what the backend lacks, replaces nothing, and undoes it', () => {
  const stock = [kernel('BatchMatMul'), kernel('_FusedMatMul')];
  expect(kernel('UnsortedSegmentSum')).toBeUndefined();
  const undo = register();
  expect(kernel('UnsortedSegmentSum')).toBeDefined();
  expect([kernel('BatchMatMul'), kernel('_FusedMatMul')]).toEqual(stock);
  undo();
  expect(kernel('UnsortedSegmentSum')).toBeUndefined();
});

test('leaves a kernel that someone else has registered', () => {
  const theirs = {kernelName: 'UnsortedSegmentSum', backendName: 'wasm', kernelFunc: () => []};
  tf.registerKernel(theirs);
  const undo = register();
  expect(kernel('UnsortedSegmentSum')).toBe(theirs);
  undo();
  expect(kernel('UnsortedSegmentSum')).toBe(theirs);
  tf.unregisterKernel('UnsortedSegmentSum', 'wasm');
});

test('replaces the kernels that are named, silently, and gives them back', () => {
  const warn = vi.spyOn(console, 'warn');
  const [batch, fused] = [kernel('BatchMatMul'), kernel('_FusedMatMul')];
  const undo = register({replace: ['BatchMatMul']});
  expect(kernel('BatchMatMul')).not.toBe(batch);
  expect(kernel('_FusedMatMul')).toBe(fused);
  expect(product()).toEqual(new Array(30).fill(4));

  const ours = kernel('BatchMatMul');
  const undoAgain = register({replace: ['BatchMatMul', '_FusedMatMul', '_FusedMatMul']});
  expect(kernel('BatchMatMul')).toBe(ours);
  expect(kernel('_FusedMatMul')).not.toBe(fused);
  undoAgain();
  expect([kernel('BatchMatMul'), kernel('_FusedMatMul')]).toEqual([ours, fused]);

  undo();
  undo();
  expect(kernel('BatchMatMul')).toBe(batch);
  expect(product()).toEqual(new Array(30).fill(4));
  expect(warn).not.toHaveBeenCalled();
});

test('a clone costs no memory with Identity replaced, and outlives its original', () => {
  const stock = kernel('Identity');
  const undo = register({replace: ['Identity']});
  const x = tf.tensor1d([1, 2, 3]);
  const {numDataBuffers} = tf.memory();
  const clone = x.clone();
  expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
  expect(clone.dataId).toBe(x.dataId);
  x.dispose();
  expect([...clone.dataSync()]).toEqual([1, 2, 3]);
  clone.dispose();
  expect(tf.memory().numDataBuffers).toBe(numDataBuffers - 1);

  const words = tf.tensor1d(['a', 'b']);
  const copy = words.clone();
  words.dispose();
  expect(copy.dataSync()).toEqual(['a', 'b']);
  copy.dispose();
  undo();
  expect(kernel('Identity')).toBe(stock);
});

test('does not take away what someone put in its place since', () => {
  const stock = kernel('BatchMatMul');
  const undo = register({replace: ['BatchMatMul']});
  const theirs = {kernelName: 'BatchMatMul', backendName: 'wasm', kernelFunc: () => []};
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel(theirs);
  undo();
  expect(kernel('BatchMatMul')).toBe(theirs);
  tf.unregisterKernel('BatchMatMul', 'wasm');
  if (stock) tf.registerKernel(stock);
});

// From JavaScript anything may come.
test.each<[unknown, string]>([
  [
    {replace: ['BatchMatMul', 'Softmax']},
    'replace is ["BatchMatMul","Softmax"], expected an array of some of BatchMatMul, _',
  ],
  [{replace: [undefined]}, 'expected an array of some of BatchMatMul'],
  [{replace: 'BatchMatMul'}, 'replace is "BatchMatMul", expected an array of some of BatchMatMul, _FusedMatMul'],
  [{replace: null}, 'replace is null, expected an array'],
  [{replaces: ['BatchMatMul']}, 'there is no option "replaces" (["BatchMatMul"]), expected replace'],
  [['BatchMatMul'], 'the options are ["BatchMatMul"], expected an object with replace'],
  ['BatchMatMul', 'the options are "BatchMatMul", expected an object'],
  [null, 'the options are null, expected an object'],
])('refuses %j and has done nothing then', (options, message) => {
  const stock = kernel('BatchMatMul');
  expect(() => register(options as RegisterOptions)).toThrow(message);
  expect(() => register(options as RegisterOptions)).toThrow(/^register: /);
  expect(kernel('BatchMatMul')).toBe(stock);
  expect(kernel('UnsortedSegmentSum')).toBeUndefined();
});

test('goes on working when the backend is made anew', async () => {
  const undo = register({replace: ['BatchMatMul', '_FusedMatMul']});
  const factory = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', factory);
  await tf.setBackend('wasm');
  expect(product()).toEqual(new Array(30).fill(4));
  tf.tidy(() => {
    const relu = tf.fused.matMul({a: tf.ones([2, 2]), b: tf.fill([2, 2], -1), activation: 'relu'});
    expect([...relu.dataSync()]).toEqual([0, 0, 0, 0]);
  });
  undo();
});
