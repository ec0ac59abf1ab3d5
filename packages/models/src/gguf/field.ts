import {arrayOf, check, type Kind, show, text} from '@subset-tuning/checks';
import type {Gguf} from '@subset-tuning/gguf';

/** A GGUF file's metadata, with what errors call the file. */
export interface Fields {
  readonly name: string;
  readonly metadata: Gguf['metadata'];
}

/** Strings. */
export const TEXTS = arrayOf(text, 'an array of strings');
/** A count, which may have 64 bits. */
export const COUNT: Kind = {
  expected: 'a whole number ≥ 0',
  is: (value) => (typeof value === 'bigint' || Number.isInteger(value)) && Number(value) >= 0,
};

/**
 * The value of a key, or `missing` where there is none.
 *
 * @throws where it is not of the kind, which must be that of `Value`.
 */
export function field<Value>({name, metadata}: Fields, key: string, kind: Kind, missing?: Value): Value {
  const value: unknown = metadata.get(key) ?? missing;
  check(whatOf(name, key), value, kind);
  return value as Value; // check makes it true or throws
}

/** What errors call a key. */
export function whatOf(name: string, key: string): string {
  return `${name}: metadata ${show(key)}`;
}
