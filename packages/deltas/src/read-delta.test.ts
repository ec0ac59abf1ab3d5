import {readSafetensors, type Safetensors, type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {bitsOf} from './bits.js';
import type {Delta, DeltaTensor} from './delta.js';
import {describeDelta} from './describe-delta.js';
import {readDelta} from './read-delta.js';
import {writeDelta} from './write-delta.js';

const HASH = '0123456789abcdef'.repeat(4);

/** Values as words, so that NaNs are told apart, and tensors by name. */
function comparable({tensors, ...delta}: Delta) {
  const byName = tensors.map(({values, ...rest}) => ({...rest, values: bitsOf(values)}));
  return {...delta, tensors: byName.sort((a, b) => (a.name < b.name ? -1 : 1))};
}

const hash = fc.uint8Array({minLength: 32, maxLength: 32}).map((bytes) => Buffer.from(bytes).toString('hex'));
const anyWords = (length: number) =>
  fc
    .array(fc.nat({max: 0xffffffff}), {minLength: length, maxLength: length})
    .map((words) => new Float32Array(Uint32Array.from(words).buffer));
const anyName = fc.oneof(
  fc.string({unit: 'binary', maxLength: 12}),
  fc.constantFrom('__proto__', '__metadata__', 'constructor', 'a/b', 'values/a', '', '10'),
);
const anyTensor: fc.Arbitrary<DeltaTensor> = fc
  .array(fc.integer({min: 1, max: 7}), {maxLength: 4})
  .chain((shape) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const chosen = fc.subarray(
      Array.from({length: size}, (_, i) => i),
      {minLength: 1},
    );
    return fc.record({shape: fc.constant(shape), chosen, name: anyName, seedSha256: hash});
  })
  .chain(({shape, chosen, name, seedSha256}) =>
    anyWords(chosen.length).map((values) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const positions = chosen.length === size ? ('all' as const) : Uint32Array.from(chosen);
      return {name, shape, positions, values, seedSha256};
    }),
  );
const anyDelta: fc.Arbitrary<Delta> = fc.record(
  {
    base: fc.string({unit: 'binary'}),
    tensors: fc.uniqueArray(anyTensor, {selector: (tensor) => tensor.name, maxLength: 5}),
    seedSha256: hash,
    tunedSha256: hash,
  },
  {requiredKeys: ['base', 'tensors', 'tunedSha256']},
);

const sparse: DeltaTensor = {
  name: 'sparse',
  shape: [4, 5],
  positions: Uint32Array.of(3, 17, 19),
  values: Float32Array.of(1, -0, Number.NaN),
  seedSha256: HASH,
};
const dense: DeltaTensor = {
  name: 'dense',
  shape: [2, 2],
  positions: 'all',
  values: Float32Array.of(1, 2, 3, 4),
  seedSha256: HASH,
};
const delta: Delta = {base: 'base', tensors: [sparse, dense], seedSha256: HASH, tunedSha256: HASH};

describe('writeDelta and readDelta', () => {
  it('keep every delta bit for bit', () => {
    fc.assert(
      fc.property(anyDelta, (delta) => {
        expect(comparable(readDelta(writeDelta(delta)))).toEqual(comparable(delta));
      }),
      {numRuns: 300},
    );
  });

  it('do not depend on the order of the tensors', () => {
    expect(writeDelta({...delta, tensors: [dense, sparse]})).toEqual(writeDelta(delta));
  });

  it('store a byte and four for a close entry, and no positions where all changed', () => {
    const {tensors} = readSafetensors(writeDelta(delta));
    const stored = Object.fromEntries(Array.from(tensors, ([name, {dtype, shape}]) => [name, {dtype, shape}]));
    expect(stored).toEqual({
      'values/dense': {dtype: 'F32', shape: [2, 2]},
      'values/sparse': {dtype: 'F32', shape: [3]},
      'gaps/sparse': {dtype: 'U8', shape: [3]},
    });
  });

  it('take a file from the middle of a buffer, and keep nothing of it', () => {
    const file = writeDelta(delta);
    const buffer = new Uint8Array(file.length + 3);
    buffer.set(file, 3);
    const read = readDelta(buffer.subarray(3));
    buffer.fill(0);
    expect(comparable(read)).toEqual(comparable(delta));
  });

  it('take a delta without a change', () => {
    const empty = {base: '', tensors: [], tunedSha256: HASH};
    expect(readDelta(writeDelta(empty))).toEqual(empty);
  });

  it('take a position above 2 ** 31 of a tensor that nobody allocates', () => {
    const huge = {...sparse, shape: [2 ** 16, 2 ** 16], positions: Uint32Array.of(0, 2 ** 31 + 1, 2 ** 32 - 1)};
    expect(readDelta(writeDelta({...delta, tensors: [huge]})).tensors[0].positions).toEqual(huge.positions);
  });
});

describe('writeDelta refuses', () => {
  it.each<[string, Partial<DeltaTensor>, string]>([
    ['positions that do not ascend', {positions: Uint32Array.of(3, 3, 4)}, 'position 3 follows 3'],
    ['a position outside', {positions: Uint32Array.of(3, 4, 20)}, "position 20 lies outside the tensor's 20 entries"],
    ['too few values', {values: Float32Array.of(1)}, '1 values, expected 3'],
    ['all positions as a list', {shape: [3], positions: Uint32Array.of(0, 1, 2)}, "expected 'all'"],
    ['too few values for all', {positions: 'all'}, '3 values, expected 20'],
    ['no change', {positions: new Uint32Array(), values: new Float32Array()}, 'no entry is changed'],
    ['a shape that is none', {shape: [-1, 2]}, 'shape is [-1,2]'],
    ['a shape of more than 2 ** 32', {shape: [2 ** 31, 3]}, 'more than 4294967296 entries'],
    ['a hash that is none', {seedSha256: 'ABC'}, 'SHA-256 is "ABC"'],
  ])('%s', (_, wrong, message) => {
    const act = () => writeDelta({...delta, tensors: [{...sparse, ...wrong}]});
    expect(act).toThrow('sparse: ');
    expect(act).toThrow(message);
  });

  it('a tensor twice, and a fingerprint that is none', () => {
    expect(() => writeDelta({...delta, tensors: [sparse, sparse]})).toThrow('sparse: the delta has this tensor twice');
    expect(() => writeDelta({...delta, tunedSha256: ''})).toThrow('delta: SHA-256 is ""');
  });
});

describe('readDelta refuses', () => {
  const change = (edit: (file: Safetensors) => void) => {
    const file = readSafetensors(writeDelta(delta));
    edit(file);
    return writeSafetensors(file);
  };
  const f32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

  it.each<[string, (file: Safetensors) => void, string]>([
    ['another format', ({metadata}) => metadata.set('format', 'pt'), 'format is "pt", expected subset-tuning-delta'],
    ['no format', ({metadata}) => metadata.delete('format'), 'the metadata has no "format"'],
    ['an unknown version', ({metadata}) => metadata.set('version', '2'), 'version is "2", expected 1'],
    ['no base', ({metadata}) => metadata.delete('base'), 'the metadata has no "base"'],
    ['no fingerprint', ({metadata}) => metadata.delete('tuned'), 'the metadata has no "tuned"'],
    ['a fingerprint that is none', ({metadata}) => metadata.set('tuned', `${HASH}0`), 'SHA-256 is'],
    ['a fingerprint of the seed that is none', ({metadata}) => metadata.set('seed', ''), 'whole seed: SHA-256 is ""'],
    ['a tensor without a shape', ({metadata}) => metadata.delete('shape/sparse'), 'no "shape/sparse"'],
    ['a tensor without a seed', ({metadata}) => metadata.delete('seed/dense'), 'no "seed/dense"'],
    ['a seed that is no hash', ({metadata}) => metadata.set('seed/dense', 'x'), 'dense: SHA-256 is "x"'],
    ['a shape in words', ({metadata}) => metadata.set('shape/sparse', '4, 5'), 'sparse: shape is "4, 5"'],
    ['a negative shape', ({metadata}) => metadata.set('shape/sparse', '-4,-5'), 'sparse: shape is "-4,-5"'],
    ['a shape in floats', ({metadata}) => metadata.set('shape/sparse', '4e9,1'), 'sparse: shape is "4e9,1"'],
    ['an enormous shape', ({metadata}) => metadata.set('shape/sparse', '9999999999'), 'more than 4294967296 entries'],
    [
      'a shape of too many axes',
      ({metadata}) => metadata.set('shape/sparse', `${'1,'.repeat(32)}20`),
      'expected at most 32',
    ],
    [
      'a length of eleven digits',
      ({metadata}) => metadata.set('shape/sparse', '00000000020'),
      'shape is "00000000020"',
    ],
    ['a shape that is too small', ({metadata}) => metadata.set('shape/sparse', '19'), 'position 2 lies outside'],
    ['a dense shape that differs', ({metadata}) => metadata.set('shape/dense', '4'), 'expected [4]'],
    [
      'a foreign tensor',
      ({tensors}) => tensors.set('w', {dtype: 'U8', shape: [0], data: f32()}),
      'unexpected tensor "w"',
    ],
    ['gaps without values', ({tensors}) => tensors.delete('values/sparse'), 'unexpected tensor "gaps/sparse"'],
    ['values without gaps', ({tensors}) => tensors.delete('gaps/sparse'), 'values have shape [3], expected [4,5]'],
    [
      'values of another dtype',
      ({tensors}) => tensors.set('values/sparse', {dtype: 'I32', shape: [3], data: f32(1, 2, 3)}),
      'sparse: the values are I32, expected F32',
    ],
    [
      'values in a matrix',
      ({tensors}) => tensors.set('values/sparse', {dtype: 'F32', shape: [1, 3], data: f32(1, 2, 3)}),
      'values have shape [1,3], expected [3]',
    ],
    [
      'too few values',
      ({tensors}) => tensors.set('values/sparse', {dtype: 'F32', shape: [2], data: f32(1, 2)}),
      'sparse: 3 bytes of gaps, expected 2 for 2 positions',
    ],
    [
      'no values',
      ({tensors}) => {
        tensors.set('values/sparse', {dtype: 'F32', shape: [0], data: f32()});
        tensors.set('gaps/sparse', {dtype: 'U8', shape: [0], data: f32()});
      },
      'sparse: no entry is changed',
    ],
    [
      'gaps for every entry',
      ({tensors, metadata}) => {
        metadata.set('shape/sparse', '3');
        tensors.set('gaps/sparse', {dtype: 'U8', shape: [3], data: Uint8Array.of(0, 0, 0)});
      },
      "sparse: all 3 positions are listed, expected 'all'",
    ],
    [
      'gaps of another dtype',
      ({tensors}) => tensors.set('gaps/sparse', {dtype: 'I8', shape: [3], data: Uint8Array.of(3, 13, 1)}),
      'sparse: the gaps are I8, expected U8',
    ],
  ])('%s', (_, edit, message) => {
    expect(() => readDelta(change(edit))).toThrow(message);
  });

  // Where a regular expression, a spread or a recursion would overflow, or a message would be as long as the text.
  const long = 10_000_000;
  const TEXTS = ['x', '1,'].map((unit) => [unit, unit.repeat(long / unit.length)]);
  it.each(TEXTS)('megabytes of %j anywhere in the metadata or in a name, briefly', (_, text) => {
    const refused = (edit: (file: Safetensors) => void) => {
      let message = 'nothing was refused';
      try {
        readDelta(change(edit));
      } catch (error) {
        expect(Object(error).constructor).toBe(Error);
        message = Object(error).message;
      }
      expect(message).toMatch(/^(delta file|sparse|dense|delta): /);
      expect(message.length).toBeLessThan(500);
    };
    for (const key of ['format', 'tuned', 'seed', 'shape/sparse', 'seed/sparse']) {
      refused(({metadata}) => metadata.set(key, text));
    }
    const bytes: StoredTensor = {dtype: 'U8', shape: [0], data: new Uint8Array()};
    for (const name of [text, `values/${text}`]) {
      refused(({tensors}) => tensors.set(name, bytes));
    }
    const other = readDelta(change(({metadata}) => metadata.set('base', text).set(text, text)));
    expect(other.base.length).toBe(text.length);
  });

  it('a name of megabytes, briefly', () => {
    const name = 'x'.repeat(long);
    const file = readSafetensors(writeDelta({...delta, tensors: [{...sparse, name}]}));
    file.metadata.set(`shape/${name}`, '19');
    expect(() => readDelta(writeSafetensors(file))).toThrow(
      new Error(`${name.slice(0, 100)}…: position 2 lies outside the tensor's 19 entries`),
    );
    const pairs = `values/${'\u{10ffff}'.repeat(long)}`;
    expect(() =>
      readDelta(change(({tensors}) => tensors.set(pairs, {dtype: 'U8', shape: [0], data: new Uint8Array()}))),
    ).toThrow(/^delta file: the metadata has no "shape\/\u{10ffff}{46}.?…$/u);
  });

  it('a shape of more axes than there may be, and no fewer', () => {
    const shape = [...new Array(31).fill(1), 20];
    expect(readDelta(writeDelta({...delta, tensors: [{...sparse, shape}]})).tensors[0].shape).toEqual(shape);
    const act = () => writeDelta({...delta, tensors: [{...sparse, shape: [1, ...shape]}]});
    expect(act).toThrow('sparse: shape [1,1,1,1,1,1,1,1,1,1,…] has 33 axes, expected at most 32');
  });

  it.each([6_000, 1_000_000])('JSON nested %i deep, briefly', (depth) => {
    const nested = '['.repeat(depth) + ']'.repeat(depth);
    for (const json of [
      nested,
      `{"x":${nested}}`,
      `{"__metadata__":{"format":${nested}}}`,
      `{"__metadata__":${nested}}`,
    ]) {
      const header = new TextEncoder().encode(json);
      const file = new Uint8Array(8 + header.length);
      new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
      file.set(header, 8);
      expect(() => readDelta(file)).toThrow(/^delta file: .{1,400}$/);
    }
  });

  it('other files', () => {
    expect(() => readDelta(new Uint8Array())).toThrow('delta file: 0 bytes');
    expect(() => readDelta(writeSafetensors({tensors: new Map()}))).toThrow('the metadata has no "format"');
  });

  it('every truncation, and every file that goes on', () => {
    const file = writeDelta(delta);
    for (let length = 0; length < file.length; length++) {
      expect(() => readDelta(file.subarray(0, length))).toThrow(/^delta file: /);
    }
    expect(() => readDelta(Uint8Array.of(...file, 0))).toThrow(/^delta file: /);
  });

  it('a changed byte, or gives a delta that can be written', () => {
    const file = writeDelta(delta);
    fc.assert(
      fc.property(fc.nat({max: file.length - 1}), fc.integer({min: 1, max: 255}), (at, flip) => {
        const damaged = file.slice();
        damaged[at] ^= flip;
        let read: Delta;
        try {
          read = readDelta(damaged);
        } catch (error) {
          // Not a TypeError or RangeError from somewhere inside.
          expect(Object(error).constructor).toBe(Error);
          return;
        }
        expect(comparable(readDelta(writeDelta(read)))).toEqual(comparable(read));
      }),
      {numRuns: 3000},
    );
  });
});

it('keeps a tensor called __proto__ apart from objects', () => {
  const read = readDelta(writeDelta({...delta, tensors: [{...dense, name: '__proto__'}]}));
  expect(read.tensors[0].name).toBe('__proto__');
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  expect('values' in {}).toBe(false);
});

describe('describeDelta', () => {
  it('counts what changed', () => {
    expect(describeDelta(delta)).toEqual({
      base: 'base',
      bytes: writeDelta(delta).length,
      changed: 7,
      tensors: [
        {name: 'sparse', size: 20, changed: 3, share: 0.15},
        {name: 'dense', size: 4, changed: 4, share: 1},
      ],
    });
  });
});
