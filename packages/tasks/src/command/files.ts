import {readFileSync, statSync} from 'node:fs';
import {isObject, type Kind, show} from '@subset-tuning/checks';

/** A value of a file, and where it is, for errors. */
export interface Entry {
  readonly value: unknown;
  readonly where: string;
}

/** Bytes of a file; the largest that is known here, SQuAD 2.0's, has 42 MB. */
export const MAX_BYTES = 2 ** 28;

/** What a user can do something about. */
export class CommandError extends Error {}

/** The rows of a file: the values of a `.jsonl` file, the lines of any other as strings. */
export function readEntries(file: string): Entry[] {
  const lines = read(file).split(/\r?\n/u);
  if (lines.at(-1) === '') lines.pop();
  const json = /\.jsonl$/iu.test(file);
  return lines.map((line, i) => {
    const where = `${file}:${i + 1}`;
    return {where, value: json ? parse(line, where) : line};
  });
}

/** The value of a `.json` file. */
export function readJson(file: string): Entry {
  return {where: file, value: parse(read(file), file)};
}

/** The value, which must be of this kind. */
export function expect<T>({value, where}: Entry, kind: Kind): T {
  if (!kind.is(value)) throw new CommandError(`${where}: got ${show(value)}, expected ${kind.expected}`);
  return value as T; // as the kind says
}

/** A field of an object, and where it is. */
export function field(entry: Entry, name: string): Entry {
  if (!isObject(entry.value) || !(name in entry.value)) {
    throw new CommandError(`${entry.where}: got ${show(entry.value)}, expected an object with ${name}`);
  }
  return {value: entry.value[name], where: `${entry.where}: ${name}`};
}

/** The entries of a list that is a field of an object. */
export function list(entry: Entry, name: string): Entry[] {
  const {value, where} = field(entry, name);
  if (!Array.isArray(value)) throw new CommandError(`${where}: got ${show(value)}, expected an array`);
  return value.map((one, i) => ({value: one, where: `${where}[${i}]`}));
}

function read(file: string): string {
  const bytes = readBytes(file);
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch (cause) {
    throw new CommandError(`${file} is no UTF-8`, {cause});
  }
}

function readBytes(file: string): Uint8Array {
  let size: number;
  try {
    ({size} = statSync(file));
    if (size <= MAX_BYTES) return readFileSync(file);
  } catch (error) {
    throw new CommandError(`${file}: ${error instanceof Error ? error.message : error}`);
  }
  throw new CommandError(`${file} has ${size} bytes, expected at most ${MAX_BYTES}`);
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${where}: ${error instanceof Error ? error.message : error}`);
  }
}
