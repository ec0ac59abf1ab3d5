import {checkFields, cut, type Kinds, show} from '@subset-tuning/checks';

/**
 * Parses JSON from outside.
 *
 * @param where What errors call it: the file, and the line where it is one.
 */
export function parseJson(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cut(cause.message) : show(cause);
    throw new Error(`${where} is no JSON: ${reason}`, {cause});
  }
}

/**
 * The fields of a value that are known, once they are checked; others are left out.
 *
 * @throws where the value is no object or a field is not what it must be.
 */
export function readFields<T extends object>(where: string, value: unknown, kinds: Kinds<T>): T {
  const object = value as T; // which the next line checks
  checkFields(where, object, kinds);
  const fields = Object.keys(kinds).map((name) => [name, object[name as keyof T]]);
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
}

/** An array, and what errors call each of its entries. */
export function readArray(where: string, value: unknown): [where: string, entry: unknown][] {
  if (!Array.isArray(value)) throw new Error(`${where} is ${show(value)}, expected an array`);
  return value.map((entry, i) => [`${where}[${i}]`, entry]);
}
