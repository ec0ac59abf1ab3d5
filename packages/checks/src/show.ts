/** Characters that {@link show} gives at most, and entries of each array or object. */
const LONGEST = 100;
const MOST_ENTRIES = 10;

/**
 * A value for an error message: short whatever its size, and saying what it is where it is no plain value.
 *
 * @example
 * ```ts
 * import {show} from '@subset-tuning/checks';
 * show('0.1'); // '"0.1"'
 * show({steps: [1, 2], to: NaN}); // '{"steps":[1,2],"to":NaN}'
 * show(new ArrayBuffer(8)); // 'an ArrayBuffer of 8 bytes'
 * ```
 */
export function show(value: unknown): string {
  return cut(describe(value, 0));
}

/**
 * A text for an error message, such as a name from a file: its first hundred characters, and `…` where there are more.
 *
 * @example
 * ```ts
 * import {cut} from '@subset-tuning/checks';
 * cut('model.norm.weight'); // 'model.norm.weight'
 * ```
 */
export function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function describe(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.slice(0, LONGEST));
    case 'bigint':
      return `${value}n`;
    case 'function':
      return value.name === '' ? 'a function' : `the function ${value.name}`;
    case 'object':
      return value === null ? 'null' : describeObject(value, depth);
    default:
      return String(value);
  }
}

function describeObject(value: object, depth: number): string {
  if (value instanceof ArrayBuffer) return `an ArrayBuffer of ${value.byteLength} bytes`;
  const name = className(value);
  if (ArrayBuffer.isView(value)) return `${withArticle(name)} of ${value.byteLength} bytes`;
  if (value instanceof Map || value instanceof Set) return `${withArticle(name)} of ${value.size}`;
  if (Array.isArray(value)) return `[${list(value, depth, (entry) => describe(entry, depth + 1))}]`;
  if (name !== 'Object') return withArticle(name);
  const entry = ([key, entry]: [string, unknown]) => `${describe(key, depth)}:${describe(entry, depth + 1)}`;
  return `{${list(firstEntries(value), depth, entry)}}`;
}

/** The first entries. Deeper than two levels nobody looks, and an object may hold itself. */
function list<T>(entries: readonly T[], depth: number, describeEntry: (entry: T) => string): string {
  const shown = depth > 2 ? [] : entries.slice(0, MOST_ENTRIES).map(describeEntry);
  return (shown.length < entries.length ? [...shown, '…'] : shown).join();
}

/** One entry more than is shown, so that the rest of a large object is not laid out. */
function firstEntries(value: object): [string, unknown][] {
  const entries: [string, unknown][] = [];
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    entries.push([key, (value as Record<string, unknown>)[key]]);
    if (entries.length > MOST_ENTRIES) break;
  }
  return entries;
}

/** The name of an object's class, `Object` for one that has none. */
function className(value: object): string {
  const maker: unknown = Object.getPrototypeOf(value)?.constructor;
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'Object';
}

function withArticle(name: string): string {
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}
