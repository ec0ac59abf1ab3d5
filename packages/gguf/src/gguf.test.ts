import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {randomCases} from '../../../test/scale.js';
import {array, entry, f32, ggufBytes, type Parts, string, tensor, u8, u32, u64} from '../golden/gguf-bytes.js';
import {asFloat32, type ByteSource, type MetadataValue, readGguf, type StoredTensor} from './index.js';

const golden = (name: string) => Uint8Array.from(readFileSync(new URL(`../golden/${name}`, import.meta.url)));
const everyType = golden('every-type.gguf');

interface Golden {
  metadata: Record<string, unknown>;
  tensors: {name: string; dtype: string; shape: number[]}[];
}
const expected = JSON.parse(String(readFileSync(new URL('../golden/every-type.json', import.meta.url)))) as Golden;

/** A source that counts what is read of it, and tells what was read last. */
function sourceOf(bytes: Uint8Array): ByteSource & {total: number} {
  const source = {
    size: bytes.length,
    total: 0,
    read: async (begin: number, end: number) => {
      source.total += end - begin;
      return bytes.slice(begin, end);
    },
  };
  return source;
}

/** Whether two arrays have the same bits, where any NaN is like any other. */
function isSame(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

describe('the file of the Python package', () => {
  it('has its tensors, dequantized bit for bit', async () => {
    const floats = new Float32Array(golden('every-type.f32').buffer);
    const file = await readGguf(everyType);
    expect([...file.tensors].map(([name, info]) => ({name, ...info}))).toEqual(expected.tensors);
    let at = 0;
    for (const {name} of expected.tensors) {
      const values = asFloat32(await file.read(name));
      expect([name, isSame(values, floats.subarray(at, at + values.length))]).toEqual([name, true]);
      at += values.length;
    }
    expect(at).toBe(floats.length);
  });

  it('has its metadata', async () => {
    const {metadata, version} = await readGguf(everyType);
    expect(version).toBe(3);
    const found = new Map(metadata);
    expect([found.get('general.architecture'), found.get('general.alignment')]).toEqual(['golden', 64]);
    for (const [key, value] of Object.entries(expected.metadata)) {
      expect([key, plain(found.get(key))]).toEqual([key, key.startsWith('float32') ? rounded(value) : value]);
    }
    expect(found.get('float32s')).toBeInstanceOf(Float32Array);

    function plain(value: MetadataValue | undefined): unknown {
      if (typeof value === 'bigint') return [String(value)];
      if (typeof value !== 'object') return value;
      if (value instanceof BigUint64Array || value instanceof BigInt64Array) return Array.from(value, String);
      if (value instanceof Uint8Array && value.length === 2 && value[0] === 1 && value[1] === 0) return [true, false];
      return Array.from(value, (each) => plain(each));
    }
    function rounded(value: unknown): unknown {
      return Array.isArray(value) ? value : Math.fround(Number(value));
    }
  });

  it('is the same from a source, of which only what is asked for is read', async () => {
    const padded = new Uint8Array(2 ** 22);
    padded.set(everyType);
    const source = sourceOf(padded);
    const file = await readGguf(source);
    expect(source.total).toBe(2 ** 20);
    for (const name of ['real.Q4_1', 'cube']) {
      const before = source.total;
      const tensor = await file.read(name);
      expect(source.total - before).toBe(tensor.data.length);
      expect(tensor).toEqual(await (await readGguf(everyType)).read(name));
    }
  });

  it('is the same as version 2 and as a Node Buffer', async () => {
    const second = Buffer.from(everyType);
    second[4] = 2;
    const {version, metadata, tensors, read} = await readGguf(second);
    const file = await readGguf(everyType);
    expect({version, metadata, tensors}).toEqual({version: 2, metadata: file.metadata, tensors: file.tensors});
    expect(asFloat32(await read('real.F16'))).toEqual(asFloat32(await file.read('real.F16')));
  });

  it('is refused where any part of its end is missing', async () => {
    for (let length = 0; length < everyType.length - 64; length += 61) {
      await expect(readGguf(everyType.subarray(0, length))).rejects.toThrow(/^GGUF file: .* expected/);
    }
  });
});

describe('a long header', () => {
  it('is read in parts that double', async () => {
    const words = Array.from({length: 40_000}, (_, i) => string(`a word of a vocabulary ${i} ${'x'.repeat(70)}`));
    const file = ggufBytes({
      entries: [entry('tokens', 'array', array('string', words.length, ...words))],
      data: 2 ** 23,
    });
    const source = sourceOf(file);
    const {metadata} = await readGguf(source);
    expect(metadata.get('tokens')).toHaveLength(words.length);
    expect(source.total).toBe(2 ** 22 * 2);
  });

  it('is refused above 64 MiB, without reading it', async () => {
    const file = ggufBytes({entries: [[...u64(4), 107, 101, 121, 115, ...u32(8), ...u64(2 ** 27)]]});
    const source = {
      size: 2 ** 40,
      read: async (begin: number, end: number) => {
        const bytes = new Uint8Array(end - begin);
        bytes.set(file.subarray(begin, end));
        return bytes;
      },
    };
    await expect(readGguf(source, 'huge')).rejects.toThrow(
      'huge: metadata "keys" ends at byte 134217776, expected at most 67108864',
    );
  });
});

describe('a file that cannot be', () => {
  const huge = 2n ** 64n - 1n;
  const one = (type: number, sizes: (number | bigint)[], offset: number | bigint = 0, data = 1024): Parts => ({
    tensors: [tensor('w', sizes, type, offset)],
    data,
  });
  const nested = (depth: number): number[] => (depth === 0 ? array('uint8', 0) : array('array', 1, nested(depth - 1)));

  it.each<[what: string, parts: Parts, message: string]>([
    ['another format', {magic: 'PK\x03\x04'}, 'begins with 0x4034b50, expected "GGUF"'],
    ['version 1', {version: 1}, ': the version is 1, expected 2 or 3'],
    ['big-endian', {version: 3 * 2 ** 24}, ': the version is 3 in big-endian order, expected 2 or 3, little-endian'],
    ['too many tensors', {tensorCount: 2n ** 40n}, ': the number of tensors is 1099511627776, expected at most 0 in'],
    ['too many entries', {entryCount: huge}, ': the number of metadata is 18446744073709551615, expected at most 0 in'],
    [
      'a long key',
      {entries: [[...u64(70_000)]], data: 80_000},
      ': the key of metadata 0 has 70000 bytes, expected at most 65535',
    ],
    ['a huge key', {entries: [[...u64(huge), ...u64(0)]]}, ': the key of metadata 0 has 18446744073709551615 bytes'],
    [
      'a key twice',
      {entries: [entry('a', 'uint8', u8(1)), entry('a', 'uint8', u8(2))]},
      ': metadata "a" is there twice',
    ],
    [
      'an unknown type',
      {entries: [entry('a', 13, u64(0))]},
      ': metadata "a" has the type 13, expected one from 0 to 12',
    ],
    ['an unknown type in an array', {entries: [entry('a', 'array', array(99, 0))]}, '"a" is an array of the type 99'],
    [
      'a huge string',
      {entries: [entry('a', 'string', u64(huge))]},
      ': metadata "a" ends at byte 18446744073709551660,',
    ],
    [
      'text that is none',
      {entries: [entry('a', 'string', u64(1), [0xff])]},
      ': metadata "a" is "\ufffd", expected UTF-8',
    ],
    ['a truth that is none', {entries: [entry('a', 'bool', u8(2))]}, ': metadata "a" is 2, expected 0 or 1'],
    [
      'truths that are none',
      {entries: [entry('a', 'array', array('bool', 2, [1, 3]))]},
      ': metadata "a" has 3, expected 0',
    ],
    [
      'a huge array',
      {entries: [entry('a', 'array', array('uint64', 2n ** 61n))]},
      ': the length of metadata "a" is 230584',
    ],
    [
      'too many strings',
      {entries: [entry('a', 'array', array('string', 9))]},
      ': the length of metadata "a" is 9, expected',
    ],
    ['deep arrays', {entries: [entry('a', 'array', nested(5))]}, ': metadata "a" is nested more than 4 arrays deep'],
    [
      'many arrays in an array',
      {entries: [entry('a', 'array', array('array', 5000, ...Array.from({length: 5000}, () => nested(0))))]},
      ': more than 4096 arrays lie in others',
    ],
    [
      'no alignment',
      {entries: [entry('general.alignment', 'uint32', u32(0))]},
      ': general.alignment is 0, expected a power',
    ],
    [
      'an odd alignment',
      {entries: [entry('general.alignment', 'uint32', u32(48))]},
      ': general.alignment is 48, expected',
    ],
    [
      'a text as alignment',
      {entries: [entry('general.alignment', 'string', string('32'))]},
      ': general.alignment is "32"',
    ],
    ['no finite alignment', {entries: [entry('general.alignment', 'float32', f32(Infinity))]}, 'alignment is Infinity'],
    [
      'a tensor twice',
      {tensors: [tensor('w', [4], 0, 0), tensor('w', [4], 0, 32)], data: 64},
      ': tensor "w" is there twice',
    ],
    ['five sizes', one(0, [1, 1, 1, 1, 1]), ': tensor "w" has 5 sizes, expected at most 4'],
    ['a huge size', one(0, [huge]), ': tensor "w" has the size 18446744073709551615, expected below 2⁵³'],
    [
      'huge sizes',
      one(0, [2 ** 30, 2 ** 30]),
      ': tensor "w": shape [1073741824,1073741824] of F32 is too large to count',
    ],
    ['more than the file', one(0, [257]), ': tensor "w" ends at byte 1092, expected at most 1088'],
    ['half a block', one(2, [48]), ': tensor "w": shape is [48], expected rows of a multiple of 32 for Q4_0'],
    ['half blocks', one(12, [128, 2]), ': tensor "w": shape is [2,128], expected rows of a multiple of 256 for Q4_K'],
    [
      'a type of others',
      one(10, [256]),
      ': tensor "w": the type is Q2_K, expected one of F32, F16, BF16, Q4_0, Q4_1, Q5',
    ],
    ['a type of nobody', one(4, [256]), ': tensor "w": the type is number 4, expected one of F32'],
    ['an offset', one(0, [4], 32), ': tensor "w" has the offset 32, expected 0: no hole, no overlap'],
    [
      'an overlap',
      {tensors: [tensor('v', [64], 0, 0), tensor('w', [4], 0, 128)], data: 512},
      '"w" has the offset 128, expected 256',
    ],
    ['a huge offset', one(0, [4], huge), ': tensor "w" has the offset 18446744073709551615, expected 0'],
  ])('%s', async (_, parts, message) => {
    const error = await readGguf(ggufBytes(parts), 'm.gguf').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/^m\.gguf/);
    expect((error as Error).message).toContain(message);
  });

  it('may have tensors of nothing and sizes of none', async () => {
    const tensors = [tensor('none', [0, 7], 0, 0), tensor('scalar', [], 0, 0), tensor('w', [32, 2], 8, 32)];
    const file = await readGguf(ggufBytes({tensors, data: 100}));
    expect([...file.tensors.values()].map(({shape}) => shape)).toEqual([[7, 0], [], [2, 32]]);
    expect(asFloat32(await file.read('none'))).toEqual(new Float32Array());
    expect(asFloat32(await file.read('scalar'))).toEqual(Float32Array.of(0));
    expect(asFloat32(await file.read('w'))).toEqual(new Float32Array(64));
  });

  it('names a prototype like any other', async () => {
    const entries = [entry('__proto__', 'uint8', u8(1))];
    const {metadata, tensors, read} = await readGguf(
      ggufBytes({entries, tensors: [tensor('__proto__', [1], 0, 0)], data: 4}),
    );
    expect([...metadata.keys(), ...tensors.keys()]).toEqual(['__proto__', '__proto__']);
    await expect(read('constructor')).rejects.toThrow('GGUF file has no tensor "constructor", expected one of its 1');
  });
});

describe('a source that does not keep its word', () => {
  it.each([
    [
      'too few bytes',
      async () => new Uint8Array(3),
      /bytes 0 to 128 is a Uint8Array of 3 bytes, expected a Uint8Array of 128/,
    ],
    ['no bytes', async () => 'GGUF', /bytes 0 to 128 is "GGUF", expected a Uint8Array of 128 bytes/],
    ['an error', async () => Promise.reject(new Error('the disk is gone')), /^the disk is gone$/],
  ])('%s', async (_, read, message) => {
    await expect(readGguf({size: 128, read: read as ByteSource['read']})).rejects.toThrow(message);
  });
});

describe('any bytes in the header', () => {
  it('are refused by name, or give tensors that lie in the file', async () => {
    const headerEnd = 4096;
    const edit = fc.tuple(fc.nat({max: headerEnd}), fc.oneof(fc.nat({max: 255}), fc.constantFrom(0, 1, 127, 128, 255)));
    const seen = {read: 0, refused: 0};
    await fc.assert(
      fc.asyncProperty(fc.array(edit, {minLength: 1, maxLength: 3}), async (edits) => {
        const bytes = everyType.slice();
        for (const [at, value] of edits) bytes[at] = value;
        try {
          const file = await readGguf(bytes);
          let floats = 0;
          for (const name of file.tensors.keys()) floats += asFloat32(await file.read(name)).length;
          expect(floats).toBeLessThan((bytes.length * 32) / 18);
          seen.read++;
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect((error as Error).message).toMatch(/^GGUF file/);
          seen.refused++;
        }
      }),
      {numRuns: randomCases(2000)},
    );
    expect(seen.read).toBeGreaterThan(20);
    expect(seen.refused).toBeGreaterThan(20);
  });
});

describe('a wrong call', () => {
  const js = {readGguf, asFloat32} as unknown as Record<string, (...given: unknown[]) => unknown>;
  const data = new Uint8Array(8);
  it.each<[given: unknown[], message: RegExp]>([
    [[], /^GGUF file: the content is undefined, expected an object/],
    [['model.gguf'], /^GGUF file: the content is "model.gguf", expected an object/],
    [[{size: -1, read: () => data}], /^GGUF file: the content: size is -1, expected a whole number of at least 0/],
    [[{size: 1}], /^GGUF file: the content: read is undefined, expected a function/],
    [[data, 1], /^readGguf: name is 1, expected a string/],
  ])('readGguf of %o', async (given, message) => {
    await expect(js.readGguf(...given)).rejects.toThrow(message);
  });

  it.each<[tensor: unknown, message: string]>([
    [data, 'asFloat32: tensor is a Uint8Array of 8 bytes, expected an object {dtype, shape, data}'],
    [{dtype: 'Q2_K', shape: [1], data}, 'asFloat32: tensor: dtype is "Q2_K", expected one of F32, F16,'],
    [{dtype: 'F32', shape: 2, data}, 'asFloat32: tensor: shape is 2, expected an array of whole numbers ≥ 0'],
    [{dtype: 'F32', shape: [3], data}, 'asFloat32: tensor has 8 bytes, expected 12 for shape [3] of F32'],
    [{dtype: 'F32', shape: [2], data: [1]}, 'asFloat32: tensor: data is [1], expected a Uint8Array'],
    [{dtype: 'Q8_0', shape: [2, 16], data}, 'asFloat32: tensor: shape is [2,16], expected rows of a multiple of 32'],
  ])('asFloat32 of %o', (tensor, message) => {
    expect(() => asFloat32(tensor as StoredTensor)).toThrow(message);
  });
});
