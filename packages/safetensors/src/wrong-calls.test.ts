import {describe, expect, it} from 'vitest';
import * as safetensors from './index.js';

// As a caller in JavaScript has them: without types.
const js = safetensors as unknown as Record<string, (...given: unknown[]) => unknown>;

const bytes = 'a Uint8Array; new Uint8Array(buffer) makes one of an ArrayBuffer';
const content = 'expected an object with tensors, metadata';
const of = (tensor: unknown) => [{tensors: new Map([['w', tensor]])}];
const data = new Uint8Array(8);

describe('a wrong call', () => {
  it.each<[name: string, given: unknown[], message: string]>([
    ['readSafetensors', [], `safetensors file: the content is undefined, expected ${bytes}`],
    [
      'readSafetensors',
      [new ArrayBuffer(8)],
      `safetensors file: the content is an ArrayBuffer of 8 bytes, expected ${bytes}`,
    ],
    [
      'readSafetensors',
      ['model.safetensors'],
      `safetensors file: the content is "model.safetensors", expected ${bytes}`,
    ],
    ['readSafetensors', [new Float32Array(2), 'w'], `w: the content is a Float32Array of 8 bytes, expected ${bytes}`],
    ['readSafetensors', [data, 1], 'readSafetensors: name is 1, expected a string'],
    ['writeSafetensors', [], `writeSafetensors: the options are undefined, ${content}`],
    ['writeSafetensors', [new Map()], `writeSafetensors: the options are a Map of 0, ${content}`],
    [
      'writeSafetensors',
      [{}],
      'writeSafetensors: tensors is undefined, expected a Map of names to {dtype, shape, data}',
    ],
    [
      'writeSafetensors',
      [{tensors: {}}],
      'writeSafetensors: tensors is {}, expected a Map of names to {dtype, shape, data}',
    ],
    [
      'writeSafetensors',
      [{tensors: new Map(), meta: new Map()}],
      'writeSafetensors: there is no option "meta" (a Map of 0), expected tensors, metadata',
    ],
    [
      'writeSafetensors',
      [{tensors: new Map(), metadata: {a: 'b'}}],
      'writeSafetensors: metadata is {"a":"b"}, expected a Map of strings to strings',
    ],
    [
      'writeSafetensors',
      [{tensors: new Map(), metadata: new Map([['epoch', 1]])}],
      'writeSafetensors: a text of the metadata is 1, expected a string',
    ],
    [
      'writeSafetensors',
      of(data),
      'writeSafetensors: tensor "w" is a Uint8Array of 8 bytes, expected an object {dtype, shape, data}',
    ],
    [
      'writeSafetensors',
      of({dtype: 'F32', shape: [8], data: new Float32Array(32)}),
      `writeSafetensors: tensor "w": data is a Float32Array of 128 bytes, expected ${bytes}`,
    ],
    [
      'writeSafetensors',
      of({dtype: 'float32', shape: [2], data}),
      'writeSafetensors: tensor "w": dtype is "float32", expected one of the format, such as "F32"',
    ],
    [
      'writeSafetensors',
      of({dtype: 'F32', shape: 2, data}),
      'writeSafetensors: tensor "w": shape is 2, expected an array of whole numbers ≥ 0',
    ],
    ['writeSafetensors', of({dtype: 'F32', shape: [3], data}), 'writeSafetensors: tensor "w" has 8 bytes, expected 12'],
    ['asFloat32', [data], 'asFloat32: tensor is a Uint8Array of 8 bytes, expected an object {dtype, shape, data}'],
    ['asFloat32', [{dtype: 'F32', shape: [3], data}], 'asFloat32: tensor has 8 bytes, expected 12'],
    ['asFloat32', [{dtype: 'I32', shape: [2], data}], 'asFloat32: dtype is "I32", expected F32, F16 or BF16'],
  ])('%s of %o', (name, given, message) => {
    expect(() => js[name](...given)).toThrow(new Error(message));
  });
});
