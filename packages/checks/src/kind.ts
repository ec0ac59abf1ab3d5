/** What a value must be: a test, and the words for it, which stand after "expected". */
export interface Kind {
  readonly expected: string;
  /** Whether a value is one. */
  is(value: unknown): boolean;
}

/** Anything at all, for what is checked elsewhere. */
export const anything: Kind = {expected: 'anything', is: () => true};

/** True or false. */
export const flag: Kind = {expected: 'true or false', is: (value) => typeof value === 'boolean'};

/** A string. */
export const text: Kind = {expected: 'a string', is: isText};

/** A function. */
export const callable: Kind = {expected: 'a function', is: (value) => typeof value === 'function'};

/** An `AbortSignal`, of this realm or of another, such as a frame's. */
export const abortSignal: Kind = {
  expected: 'an AbortSignal',
  is: (value) =>
    typeof value === 'object' &&
    value !== null &&
    ['aborted', 'addEventListener', 'throwIfAborted'].every((name) => name in value),
};

/** A `Uint8Array`, which Node's `Buffer` is too. */
export const bytes: Kind = typedArray('Uint8Array', 'a Uint8Array; new Uint8Array(buffer) makes one of an ArrayBuffer');

/** A finite number that passes a test. The words say all of it, such as `'a number above 0'`. */
export function number(expected: string, test: (value: number) => boolean = () => true): Kind {
  return {expected, is: (value) => typeof value === 'number' && Number.isFinite(value) && test(value)};
}

/** A whole number in a range, both ends included. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Kind {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return number(`a whole number ${range}`, (value) => Number.isSafeInteger(value) && value >= least && value <= most);
}

/** One of these strings. */
export function oneOf(values: readonly string[]): Kind {
  return {expected: `one of ${values.join(', ')}`, is: (value) => isText(value) && values.includes(value)};
}

/** An array of which every entry is of a kind. The words are for the whole, such as `'an array of strings'`. */
export function arrayOf(kind: Kind, expected: string): Kind {
  return {expected, is: (value) => Array.isArray(value) && value.every(kind.is)};
}

/** A typed array of this class, of any realm: a frame or a test runner has classes of its own. */
export function typedArray(className: string, expected = `a ${className}`): Kind {
  return {expected, is: (value) => ArrayBuffer.isView(value) && tagOf(value) === className};
}

/** A `Map`, of any realm. The words say of what to what. */
export function map(expected: string): Kind {
  return {expected, is: (value) => tagOf(value) === 'Map'};
}

/** An object of some class or none; neither an array nor a Map or the like. */
export function object(expected: string, test: (value: Record<string, unknown>) => boolean = () => true): Kind {
  return {expected, is: (value) => isObject(value) && test(value)};
}

/** What a kind says, or undefined. */
export function optional({expected, is}: Kind): Kind {
  return {expected, is: (value) => value === undefined || is(value)};
}

/** Whether a value is an object of some class or none; an array, a Map and the like are not. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && tagOf(value) === 'Object';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** `Map` for a Map, whatever realm it is of. */
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
