import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {asFloat32, DTYPE_BITS, type Dtype, readSafetensors, type StoredTensor, writeSafetensors} from './index.js';

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`../golden/${name}`, import.meta.url)));

const reference: {
  order: {names: string[]; file: string};
  headers: {header: string; bytes: number; accepted: boolean}[];
} = JSON.parse(String(readFileSync(new URL('../golden/headers.json', import.meta.url))));

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return 'no error';
}

/** A file with this header, whatever it says, and as many bytes of data. */
function fileOf(header: unknown, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

describe('files of the reference implementation', () => {
  it('are read: every dtype, scalars, empty tensors, odd names', () => {
    const {tensors, metadata} = readSafetensors(golden('every-dtype.safetensors'));
    expect([...metadata]).toEqual([['format', 'pt']]);
    expect(tensors.size).toBe(22);
    const u64 = tensors.get('u64');
    expect(u64?.shape).toEqual([2, 3]);
    expect([...new BigUint64Array(u64?.data.slice().buffer ?? new ArrayBuffer(0))]).toEqual([0n, 1n, 2n, 3n, 4n, 5n]);
    for (const name of ['f16', 'bf16', 'f32']) {
      expect(asFloat32(tensors.get(name) as StoredTensor)).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
    }
    expect(tensors.get('scalar')).toMatchObject({dtype: 'F32', shape: []});
    expect(asFloat32(tensors.get('scalar') as StoredTensor)).toEqual(Float32Array.of(-1.5));
    expect(tensors.get('none')).toMatchObject({shape: [0, 4], data: new Uint8Array(0)});
    expect(asFloat32(tensors.get('__proto__') as StoredTensor)).toEqual(Float32Array.of(3));
    expect(tensors.get('größe "x"\n')?.data).toEqual(Uint8Array.of(1));
    expect(readSafetensors(golden('empty.safetensors')).tensors.size).toBe(0);
  });

  it.each(['every-dtype', 'halves', 'empty'])('are written byte for byte: %s', (name) => {
    const file = golden(`${name}.safetensors`);
    const {tensors, metadata} = readSafetensors(file);
    const shuffled = new Map([...tensors].reverse());
    expect(writeSafetensors({tensors: shuffled, metadata})).toEqual(file);
  });

  it('have tensors in the order of their names by code point', () => {
    const {names, file} = reference.order;
    const expected = readSafetensors(Uint8Array.from(Buffer.from(file, 'hex')));
    expect([...expected.tensors.keys()].sort()).toEqual([...names].sort());
    const written = readSafetensors(writeSafetensors(expected));
    expect([...written.tensors.keys()]).toEqual([...expected.tensors.keys()]);
  });

  // Ways to write a tensor that serde makes possible and nobody takes.
  const ours = ['{"w":{"dtype":{"F32":null},"shape":[1],"data_offsets":[0,4]}}', '{"w":["F32",[1],[0,4]]}'];
  it.each(reference.headers.filter(({header}) => !ours.includes(header)))(
    'are accepted and refused alike: $header',
    ({header, bytes, accepted}) => {
      const file = fileOf(header, bytes);
      if (!accepted) {
        const error = errorOf(() => readSafetensors(file, 'x'));
        expect(error).toMatch(/^Error: x: /);
        expect(error.length).toBeLessThan(500);
        return;
      }
      const {tensors, metadata} = readSafetensors(file);
      const {__metadata__: text, ...rest} = JSON.parse(header);
      expect(metadata).toEqual(new Map(Object.entries(text ?? {})));
      expect([...tensors.keys()]).toEqual(Object.keys(rest));
      for (const [name, {shape}] of tensors) expect(shape).toEqual(rest[name].shape);
    },
  );
  it.each(ours)('are refused here all the same: %s', (header) => {
    expect(() => readSafetensors(fileOf(header, 4))).toThrow(/^safetensors file: tensor "w"/);
  });

  it('convert F16 and BF16 as torch does', () => {
    const {tensors} = readSafetensors(golden('halves.safetensors'));
    for (const kind of ['f16', 'bf16']) {
      const ours = asFloat32(tensors.get(kind) as StoredTensor);
      const torch = asFloat32(tensors.get(`${kind}_as_f32`) as StoredTensor);
      expect(ours.length).toBe(5042);
      for (const [i, value] of ours.entries()) expect(value).toBe(torch[i]); // NaN is NaN, -0 is not 0
    }
  });
});

describe('readSafetensors', () => {
  const f32 = (begin: number, end: number, shape: unknown = [1]) => ({dtype: 'F32', shape, data_offsets: [begin, end]});

  it.each<[string, Uint8Array, RegExp]>([
    ['no length', new Uint8Array(7), /7 bytes, expected at least 8/],
    ['a length beyond the file', fileOf('{}').fill(0xff, 0, 8), /a header of 18446744073709551615 bytes/],
    ['no UTF-8', fileOf('{}').fill(0xff, 8), /not JSON in UTF-8/],
    ['no JSON', fileOf('{'), /not JSON in UTF-8/],
    ['a byte order mark', fileOf('\ufeff{}'), /not JSON in UTF-8/],
    ['an array', fileOf([]), /the header is \[\], expected an object/],
    ['a tensor that is no object', fileOf({a: null}), /tensor "a" is null/],
    ['a name twice', fileOf('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0061":0}'), /"a" twice/],
    ['a field twice', fileOf('{"a":{"dtype":"F32","dtype":"U32","shape":[0],"data_offsets":[0,0]}}'), /"dtype" twice/],
    ['a lone surrogate', fileOf('{"\\ud800":{}}'), /not valid Unicode/],
    ['a million brackets', fileOf(`{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`), /nested more than 127 levels deep/],
    ['ten million digits', fileOf(`{"a":{"shape":[${'1'.repeat(1e7)}]}}`), /"a": shape has 1{100}…, expected whole/],
    ['a dtype of ten million letters', fileOf({a: {...f32(0, 4), dtype: 'x'.repeat(1e7)}}, 4), /dtype is "x{99}…/],
    ['a name of ten million letters', fileOf({['😀'.repeat(5e6)]: 1}), /tensor "(😀){49}.…? is 1, expected an object/u],
    ['a size of a million entries', fileOf({a: f32(0, 4, Array(1e6).fill(1.5))}, 4), /"a": shape has 1.5, expected/],
    ['metadata that are no object', fileOf({__metadata__: 'x'}), /__metadata__ is "x", expected an object/],
    ['metadata that are no text', fileOf({__metadata__: {n: 1}}), /__metadata__ "n" is 1, expected a string/],
    ['an unknown dtype', fileOf({a: {...f32(0, 4), dtype: 'F31'}}, 4), /tensor "a": dtype is "F31"/],
    ['a dtype from the prototype', fileOf({a: {...f32(0, 4), dtype: 'toString'}}, 4), /dtype is "toString"/],
    ['a negative size', fileOf({a: f32(0, 4, [-1])}, 4), /shape has -1, expected/],
    ['a fractional size', fileOf({a: f32(0, 4, [0.5])}, 4), /shape has 0.5, expected/],
    ['a shape that overflows', fileOf({a: f32(0, 0, [2 ** 32, 2 ** 32, 0])}), /too large to count/],
    ['a shape that is none', fileOf({a: f32(0, 4, 1)}, 4), /shape is 1, expected/],
    ['half a byte', fileOf({a: {dtype: 'F4', shape: [3], data_offsets: [0, 2]}}, 2), /does not fill whole bytes/],
    ['no offsets', fileOf({a: {dtype: 'F32', shape: [1]}}, 4), /data_offsets is undefined/],
    ['offsets that are none', fileOf({a: f32(0, 4.5)}, 4), /data_offsets has 4.5, expected whole/],
    ['offsets in reverse', fileOf({a: f32(4, 0)}, 4), /data_offsets is \[4,0\]/],
    ['fewer bytes than the shape', fileOf({a: f32(0, 4, [2])}, 4), /has 4 bytes, expected 8 for shape \[2\] of "F32"/],
    ['an offset past the end', fileOf({a: f32(0, 8, [2])}, 4), /ends at byte 8, expected at most 4/],
    ['a hole', fileOf({a: f32(0, 4), b: f32(8, 12)}, 12), /tensor "b" begins at byte 8, expected 4/],
    ['an overlap', fileOf({a: f32(0, 4), b: f32(0, 4)}, 4), /tensor "b" begins at byte 0, expected 4/],
    ['bytes that nobody owns', fileOf({a: f32(0, 4)}, 5), /5 bytes of data, expected 4/],
  ])('refuses %s', (_, file, message) => {
    expect(() => readSafetensors(file, 'x.safetensors')).toThrow(message);
    expect(() => readSafetensors(file, 'x.safetensors')).toThrow(/^x\.safetensors/);
  });

  it('bounds the header where the file is large enough for it', () => {
    const file = new Uint8Array(8 + 100_000_008);
    new DataView(file.buffer).setBigUint64(0, 100_000_001n, true);
    expect(() => readSafetensors(file)).toThrow('a header of 100000001 bytes, expected at most 100000000');
  });

  it('writes nothing to a prototype', () => {
    const header = '{"__metadata__":{"__proto__":"x"},"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
    const {tensors, metadata} = readSafetensors(fileOf(header, 1));
    expect([...tensors.keys(), ...metadata.keys()]).toEqual(['__proto__', '__proto__']);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  it('bears a long string in the header', () => {
    const note = 'a\\"'.repeat(5_000_000);
    const {metadata} = readSafetensors(fileOf(`{"__metadata__":{"note":"${note}"}}`));
    expect(metadata.get('note')?.length).toBe(10_000_000);
  });

  it('reads from the middle of a buffer, unaligned', () => {
    const file = golden('every-dtype.safetensors');
    for (let shift = 1; shift < 8; shift++) {
      const moved = new Uint8Array(file.length + shift).subarray(shift);
      moved.set(file);
      expect(asFloat32(readSafetensors(moved).tensors.get('f32') as StoredTensor)[5]).toBe(5);
    }
  });
});

describe('writeSafetensors', () => {
  const data = new Uint8Array(4);
  it.each<[string, Map<string, StoredTensor>, RegExp]>([
    ['the name of the metadata', new Map([['__metadata__', {dtype: 'F32', shape: [1], data}]]), /__metadata__/],
    ['data of another length', new Map([['a', {dtype: 'F32', shape: [2], data}]]), /"a" has 4 bytes, expected 8/],
    [
      'a size above 2⁵³',
      new Map([['a', {dtype: 'F32', shape: [0, 2 ** 53], data: new Uint8Array()}]]),
      /shape has 9007/,
    ],
    ['an unknown dtype', new Map([['a', {dtype: 'F31' as Dtype, shape: [1], data}]]), /"a": dtype is "F31"/],
    ['a negative size', new Map([['a', {dtype: 'F32', shape: [-1], data}]]), /"a": shape is \[-1\]/],
    ['a lone surrogate', new Map([['\udc00', {dtype: 'F32', shape: [1], data}]]), /not valid Unicode/],
  ])('refuses %s', (_, tensors, message) => {
    expect(() => writeSafetensors({tensors})).toThrow(message);
  });

  it('refuses a header that readers would refuse', () => {
    const metadata = new Map([['note', 'x'.repeat(100_000_000)]]);
    expect(() => writeSafetensors({tensors: new Map(), metadata})).toThrow('expected at most 100000000');
  });
});

describe('asFloat32', () => {
  it('refuses other types', () => {
    expect(() => asFloat32({dtype: 'I32', shape: [0], data: new Uint8Array()})).toThrow('dtype is "I32"');
  });
});

describe('a Node Buffer', () => {
  it('is read like any Uint8Array', () => {
    const {tensors} = readSafetensors(Buffer.from(golden('every-dtype.safetensors')));
    for (const name of ['f16', 'bf16', 'f32']) {
      expect(asFloat32(tensors.get(name) as StoredTensor)).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
    }
  });
});

describe('any file', () => {
  const wholeBytes = (Object.keys(DTYPE_BITS) as Dtype[]).filter((dtype) => DTYPE_BITS[dtype] >= 8);
  const tensor = fc
    .record({dtype: fc.constantFrom(...wholeBytes), shape: fc.array(fc.nat({max: 4}), {maxLength: 3})})
    .chain(({dtype, shape}) => {
      const length = shape.reduce((product, size) => product * size, DTYPE_BITS[dtype] / 8);
      return fc.uint8Array({minLength: length, maxLength: length}).map((data) => ({dtype, shape, data}));
    });
  const name = fc.oneof(fc.string({unit: 'binary', maxLength: 8}), fc.constantFrom('__proto__', '1', 'constructor'));
  const content = fc.record({
    tensors: fc.array(fc.tuple(name, tensor), {maxLength: 5}).map((entries) => new Map(entries)),
    metadata: fc.array(fc.tuple(name, fc.string({unit: 'binary'})), {maxLength: 3}).map((entries) => new Map(entries)),
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(content, ({tensors, metadata}) => {
        const read = readSafetensors(writeSafetensors({tensors, metadata}));
        expect(new Map([...read.tensors].sort())).toEqual(new Map([...tensors].sort()));
        expect(new Map([...read.metadata].sort())).toEqual(new Map([...metadata].sort()));
      }),
    );
  });

  it('is refused when any part of its end is missing', () => {
    fc.assert(
      fc.property(content, fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true}), (file, share) => {
        const bytes = writeSafetensors(file);
        expect(() => readSafetensors(bytes.subarray(0, Math.floor(bytes.length * share)))).toThrow(/^safetensors file/);
      }),
    );
  });

  it('is refused or read as it says when bytes are changed', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.integer({min: 0x20, max: 0x7e}), fc.nat({max: 255}))), {
      minLength: 1,
      maxLength: 4,
    });
    let read = 0;
    fc.assert(
      fc.property(content, edits, (file, changes) => {
        const bytes = writeSafetensors(file);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        let result: ReturnType<typeof readSafetensors>;
        try {
          result = readSafetensors(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect((error as Error).message).toMatch(/^safetensors file/);
          return;
        }
        read++;
        // What it says, read without any check.
        const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
        const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
        const names = Object.keys(header).filter((key) => key !== '__metadata__');
        expect([...result.tensors.keys()].sort()).toEqual(names.sort());
        for (const key of names) {
          const {dtype, shape, data_offsets: offsets} = header[key];
          const data = bytes.subarray(start + offsets[0], start + offsets[1]);
          expect(result.tensors.get(key)).toEqual({dtype, shape, data});
        }
      }),
      {numRuns: 3000},
    );
    expect(read).toBeGreaterThan(100); // both ways out are taken
  });
});
