import {show} from '@subset-tuning/checks';
import type {Cursor} from './cursor.js';

/** Numbers of a metadata array. Truth values are bytes, 0 or 1. */
export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

/** What a key stands for: integers of 64 bits are bigints, arrays of numbers are typed arrays. */
export type MetadataValue = boolean | string | number | bigint | NumberArray | readonly MetadataValue[];

interface NumberType {
  readonly bytes: number;
  read(view: DataView, at: number): number | bigint;
  readonly Array: new (buffer: ArrayBuffer) => NumberArray;
}

/** The types of numbers by their code in a file. */
const NUMBERS = new Map<number, NumberType>([
  [0, {bytes: 1, read: (view, at) => view.getUint8(at), Array: Uint8Array}],
  [1, {bytes: 1, read: (view, at) => view.getInt8(at), Array: Int8Array}],
  [2, {bytes: 2, read: (view, at) => view.getUint16(at, true), Array: Uint16Array}],
  [3, {bytes: 2, read: (view, at) => view.getInt16(at, true), Array: Int16Array}],
  [4, {bytes: 4, read: (view, at) => view.getUint32(at, true), Array: Uint32Array}],
  [5, {bytes: 4, read: (view, at) => view.getInt32(at, true), Array: Int32Array}],
  [6, {bytes: 4, read: (view, at) => view.getFloat32(at, true), Array: Float32Array}],
  [10, {bytes: 8, read: (view, at) => view.getBigUint64(at, true), Array: BigUint64Array}],
  [11, {bytes: 8, read: (view, at) => view.getBigInt64(at, true), Array: BigInt64Array}],
  [12, {bytes: 8, read: (view, at) => view.getFloat64(at, true), Array: Float64Array}],
]);
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;

/** How deep arrays may lie in one another, and how many may lie in others in one file: known files have none. */
const DEEPEST = 4;
const MOST_NESTED = 2 ** 12;
/** Bytes of a key or of a tensor's name, by the format. */
export const LONGEST_NAME = 2 ** 16 - 1;
/** Bytes that an entry has at least: the key's length, a type, a value. */
export const LEAST_ENTRY = 8 + 4 + 1;
/** Bytes of an empty array: its type and its length. */
const LEAST_ARRAY = 4 + 8;

/** Reads the keys of a header with their values. */
export function readMetadata(name: string, cursor: Cursor, count: number): Map<string, MetadataValue> {
  const metadata = new Map<string, MetadataValue>();
  const nested = {left: MOST_NESTED};
  for (let i = 0; i < count; i++) {
    const key = cursor.text(`the key of metadata ${i}`, LONGEST_NAME);
    const what = `metadata ${show(key)}`;
    if (metadata.has(key)) throw new Error(`${name}: ${what} is there twice, expected once`);
    metadata.set(key, readValue(name, what, cursor, cursor.u32(what), 0, nested));
  }
  return metadata;
}

function readValue(
  name: string,
  what: string,
  cursor: Cursor,
  code: number,
  depth: number,
  nested: {left: number},
): MetadataValue {
  const type = NUMBERS.get(code);
  if (type) return cursor.number(what, type.bytes, type.read);
  if (code === BOOL) {
    const value = cursor.number(what, 1, (view, at) => view.getUint8(at));
    if (value > 1) throw new Error(`${name}: ${what} is ${value}, expected 0 or 1`);
    return value === 1;
  }
  if (code === STRING) return cursor.text(what);
  if (code !== ARRAY) throw new Error(`${name}: ${what} has the type ${code}, expected one from 0 to 12`);
  if (depth === DEEPEST) throw new Error(`${name}: ${what} is nested more than ${DEEPEST} arrays deep`);
  return readArray(name, what, cursor, depth + 1, nested);
}

function readArray(name: string, what: string, cursor: Cursor, depth: number, nested: {left: number}): MetadataValue {
  const code = cursor.u32(what);
  const length = `the length of ${what}`;
  const type = NUMBERS.get(code);
  if (type) return new type.Array(cursor.copy(what, type.bytes * cursor.count(length, type.bytes)));
  if (code === BOOL) {
    const values = new Uint8Array(cursor.copy(what, cursor.count(length, 1)));
    const wrong = values.find((value) => value > 1);
    if (wrong !== undefined) throw new Error(`${name}: ${what} has ${wrong}, expected 0 or 1`);
    return values;
  }
  const values: MetadataValue[] = [];
  if (code === STRING) {
    for (let left = cursor.count(length, 8); left > 0; left--) values.push(cursor.text(what));
    return values;
  }
  if (code !== ARRAY) throw new Error(`${name}: ${what} is an array of the type ${code}, expected one from 0 to 12`);
  for (let left = cursor.count(length, LEAST_ARRAY); left > 0; left--) {
    if (--nested.left < 0)
      throw new Error(`${name}: more than ${MOST_NESTED} arrays lie in others, expected at most that`);
    values.push(readValue(name, what, cursor, ARRAY, depth, nested));
  }
  return values;
}
