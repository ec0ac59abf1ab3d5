import {expect, test} from 'vitest';
import {openSafetensors} from './open-safetensors.js';
import {readSafetensors} from './read-safetensors.js';
import {writeSafetensors} from './write-safetensors.js';

const bytes = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const file = writeSafetensors({
  tensors: new Map([
    ['a', {dtype: 'F32', shape: [2], data: bytes(1, 2)}],
    ['b', {dtype: 'F32', shape: [3], data: bytes(3, 4, 5)}],
    ['none', {dtype: 'F32', shape: [0], data: bytes()}],
  ]),
  metadata: new Map([['format', 'pt']]),
});

/** The file, and what has been read of it. */
function source() {
  const parts: [number, number][] = [];
  const read = async (begin: number, end: number) => {
    parts.push([begin, end]);
    return file.subarray(begin, end);
  };
  return {size: file.length, read, parts};
}

test('reads the header, then each tensor alone, as readSafetensors has them', async () => {
  const {parts, ...given} = source();
  const opened = await openSafetensors(given);
  const whole = readSafetensors(file);
  const start = file.length - 20;
  expect(parts).toEqual([
    [0, 8],
    [0, start],
  ]);
  expect(opened.metadata).toEqual(whole.metadata);
  expect([...opened.tensors.keys()]).toEqual([...whole.tensors.keys()]);
  for (const [name, {dtype, shape, data}] of whole.tensors) {
    expect(opened.tensors.get(name)).toEqual({dtype, shape});
    parts.length = 0;
    expect(await opened.read(name)).toEqual({dtype, shape, data});
    expect(parts.reduce((sum, [begin, end]) => sum + end - begin, 0)).toBe(data.length);
    expect(file.subarray(...opened.range(name))).toEqual(data);
  }
  expect((await openSafetensors(file)).tensors).toEqual(opened.tensors);
});

test('names what is wrong', async () => {
  const {parts: _, ...given} = source();
  const opened = await openSafetensors(given, 'x.safetensors');
  await expect(opened.read('c')).rejects.toThrow('x.safetensors has no tensor "c", expected one of its 3');
  expect(() => opened.range('c')).toThrow('x.safetensors has no tensor "c", expected one of its 3');
  const cut = {...given, size: file.length - 1};
  await expect(openSafetensors(cut, 'x')).rejects.toThrow(/x: tensor "b" ends at byte 20, expected at most 19/);
  const short = {...given, read: async () => new Uint8Array(3)};
  await expect(openSafetensors(short, 'x')).rejects.toThrow('x: bytes 0 to 8');
  await expect(openSafetensors(new Uint8Array(7), 'x')).rejects.toThrow('x: 7 bytes, expected at least 8');
  // From JavaScript anything may come.
  await expect(openSafetensors('x' as unknown as Uint8Array)).rejects.toThrow('the content');
});
