import {isObject, show} from '@subset-tuning/checks';

/** The most tokens that a tokenizer may have: ids and ranks of merges are packed into numbers by this. */
export const MOST_TOKENS = 2 ** 24;

/** The tokens of a model with their ids. */
export type Vocabulary = ReadonlyMap<string, number>;

/** Makes ids of a piece of text. */
export interface Model {
  vocabulary: Vocabulary;
  /** Gives the tokens of a piece in their order. */
  encode(piece: string, add: AddToken): void;
}

/** Takes a token: its id, and the code units of the piece that it stands for. */
export type AddToken = (id: number, start: number, end: number) => void;

/** Reads an object of tokens and ids that a model of this many tokens knows, none twice. */
export function readVocabulary(name: string, json: unknown, size: number): Vocabulary {
  if (!isObject(json)) throw new Error(`${name}: model: vocab is ${show(json)}, expected an object of tokens and ids`);
  const ids = new Set<unknown>();
  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(json)) {
    vocabulary.set(token, checkId(name, token, id, size));
    ids.add(id);
  }
  if (ids.size < vocabulary.size) throw new Error(`${name}: model: two tokens of vocab have the same id`);
  return vocabulary;
}

export function checkId(name: string, token: unknown, id: unknown, size: number): number {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < size) return id;
  const expected = `a whole number from 0 to ${size - 1}`;
  throw new Error(`${name}: the token ${show(token)} has the id ${show(id)}, expected ${expected}`);
}

/** The ids of the tokens `<0x00>` to `<0xFF>`, undefined for those that there are not. */
export function byteIds(vocabulary: Vocabulary): readonly (number | undefined)[] {
  return Array.from({length: 256}, (_, byte) =>
    vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
}

const encoder = new TextEncoder();

/** The ids of a text's bytes, or undefined where one of them has no token. */
export function idsOfBytes(text: string, ids: readonly (number | undefined)[]): number[] | undefined {
  const found: number[] = [];
  for (const byte of encoder.encode(text)) {
    const id = ids[byte];
    if (id === undefined) return undefined;
    found.push(id);
  }
  return found;
}
