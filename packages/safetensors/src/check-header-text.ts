import {cut, show} from '@subset-tuning/checks';

/** How deep arrays and objects may lie in one another, as in the reference implementation's JSON. */
const DEEPEST = 127;
/** What the reference implementation counts with. */
const LARGEST_COUNT = 2n ** 64n - 1n;

/** An object that is open with its keys so far, or an array. */
type Open = {keys: Set<string>; key: string} | undefined;

/**
 * Holds a header to what `JSON.parse` does not tell, as the reference implementation does: how counts are written (`1.0`,
 * `-0` and `1e-400` are none), texts that are no Unicode, numbers out of range, nesting. And no key may occur twice in an
 * object: of two, readers could each see another.
 *
 * @param json A text that `JSON.parse` has accepted.
 */
export function checkHeaderText(name: string, json: string): void {
  const open: Open[] = [];
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '{' || character === '[') {
      open.push(character === '{' ? {keys: new Set(), key: ''} : undefined);
      if (open.length > DEEPEST) throw new Error(`${name}: the header is nested more than ${DEEPEST} levels deep`);
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const start = i++;
      while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
      checkText(name, json.slice(start, i + 1), isBeforeColon(json, i + 1) ? open.at(-1) : undefined);
    } else if ('-0123456789'.includes(character)) {
      const start = i;
      while (i + 1 < json.length && '-+.0123456789eE'.includes(json[i + 1])) i++;
      checkNumber(name, json.slice(start, i + 1), open);
    }
  }
}

/** @param object what a key belongs to; nothing where the text is no key. */
function checkText(name: string, quoted: string, object: Open): void {
  if (!object && !quoted.includes('\\u')) return; // decoded from UTF-8, so it is Unicode
  const text: string = JSON.parse(quoted);
  if (/\p{Surrogate}/u.test(text)) throw new Error(`${name}: the header has ${show(text)}, which is not valid Unicode`);
  if (!object) return;
  if (object.keys.has(text)) throw new Error(`${name}: the header has the key ${show(text)} twice, expected it once`);
  object.keys.add(text);
  object.key = text;
}

/** Counts stand in the arrays of a tensor: {name: {shape: […], data_offsets: […]}}. */
function checkNumber(name: string, source: string, open: readonly Open[]): void {
  const [tensor, field, array] = open;
  if (open.length === 3 && tensor && field && !array && (field.key === 'shape' || field.key === 'data_offsets')) {
    if (/^\d{1,20}$/.test(source) && BigInt(source) <= LARGEST_COUNT) return;
    const what = `${name}: tensor ${show(tensor.key)}: ${field.key}`;
    throw new Error(`${what} has ${cut(source)}, expected whole numbers ≥ 0, written in digits`);
  }
  if (!Number.isFinite(Number(source)))
    throw new Error(`${name}: the header has ${cut(source)}, which is out of range`);
}

/** In valid JSON a string before a colon is a key of the innermost open object. */
function isBeforeColon(json: string, at: number): boolean {
  while (' \t\r\n'.includes(json[at])) at++;
  return json[at] === ':';
}
