import {type Edit, editText, replaceText, type TracedText} from './traced-text.js';

/**
 * Classes of characters as the Python tokenizers have them. JavaScript's `\s`, `\d` and `\w` are others: U+FEFF is no
 * white space there and U+0085 is, `½` and `٣` are digits.
 *
 * They take Unicode's tables of several years: 8 for punctuation, 9 for normal forms. Characters that are younger are
 * listed here, up to Unicode 17; `golden/characters.json` holds all of it to what Python does.
 */

/** `char::is_whitespace` of Rust and `\s` of its regular expressions. */
export const WHITE_SPACE = '\\p{White_Space}';

/** `\w` of Rust's regular expressions. */
export const WORD = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';

/** What is punctuation since Unicode 9, or is no more since 8. */
const OTHER_PUNCTUATION = [
  '\\u061d\\u09fd\\u0a76\\u0c77\\u0c84\\u1b4e\\u1b4f\\u1b7d-\\u1b7f\\u2e43-\\u2e4f\\u2e52-\\u2e5d',
  '\\u{10d6e}\\u{10ead}\\u{10ed0}\\u{10f55}-\\u{10f59}\\u{10f86}-\\u{10f89}\\u{113d4}\\u{113d5}\\u{113d7}\\u{113d8}',
  '\\u{1144b}-\\u{1144f}\\u{1145a}\\u{1145b}\\u{1145d}\\u{11660}-\\u{1166c}\\u{116b9}\\u{1183b}\\u{11944}-\\u{11946}',
  '\\u{119e2}\\u{11a3f}-\\u{11a46}\\u{11a9a}-\\u{11a9c}\\u{11a9e}-\\u{11aa2}\\u{11b00}-\\u{11b09}\\u{11be1}',
  '\\u{11c41}-\\u{11c45}\\u{11c70}\\u{11c71}\\u{11ef7}\\u{11ef8}\\u{11f43}-\\u{11f4f}\\u{11fff}\\u{12ff1}\\u{12ff2}',
  '\\u{16d6d}-\\u{16d6f}\\u{16e97}-\\u{16e9a}\\u{16fe2}\\u{1e5ff}\\u{1e95e}\\u{1e95f}',
].join('');

/** Punctuation: ASCII's, `$` and `+` among it, and Unicode's. */
export const PUNCTUATION = `(?:[!-/:-@\\[-\`{-~\\u166d\\u{111c9}]|(?![${OTHER_PUNCTUATION}])\\p{P})`;

/** What is no mark yet for BERT, whose table is that of Unicode 8. */
const OTHER_MARKS = [
  '\\u05c8-\\u05c9\\u07fd\\u0897-\\u08e1\\u09fe\\u0afa-\\u0aff\\u0b53-\\u0b55\\u0c04-\\u0c3c\\u0d00',
  '\\u0d3b-\\u0d3c\\u0d81\\u0eba\\u0ece\\u180f-\\u1886\\u1abf-\\u1af0\\u1df6-\\u1dfb\\ua82c\\ua8c5\\ua8ff\\ua9bd',
  '\\u{10d24}-\\u{10f85}\\u{11070}-\\u{11074}\\u{110c2}\\u{111c9}\\u{111cf}\\u{1123e}-\\u{11241}\\u{1133b}',
  '\\u{113bb}-\\u{1145e}\\u{1182f}-\\u{1612f}\\u{16f4f}\\u{16fe4}\\u{1cf00}-\\u{1d128}\\u{1d25b}-\\u{1d25c}',
  '\\u{1e000}-\\u{1e6f5}\\u{1e944}-\\u{1e94a}',
].join('');

/** Marks that BERT takes off their letters; two of them are no such marks any more. */
export const MARK = `(?:[\\u1734\\u{1171e}]|(?![${OTHER_MARKS}])\\p{Mn})`;

/** What BERT takes for no text: controls, formats and private characters of Unicode 8, and U+FFFD. */
export const REMOVED = '(?:\\ufffd|(?![\\t\\n\\r\\u0890-\\u08e2\\u{110cd}-\\u{1343f}])[\\p{Cc}\\p{Cf}\\p{Co}])';

/** What has a decomposition or a place among combining marks since Unicode 10. */
const YOUNGER = [
  '\\u07fd\\u0897-\\u089f\\u08ca-\\u08d3\\u09fe\\u0c3c\\u0d3b\\u0d3c\\u0eba\\u1715\\u1abf-\\u1add\\u1ae0-\\u1aeb',
  '\\u1df6-\\u1dfa\\u32ff\\ua7f1-\\ua7f4\\ua82c\\uab69',
  '\\u{105c9}\\u{105e4}\\u{10781}-\\u{10785}\\u{10787}-\\u{107b0}\\u{107b2}-\\u{107ba}\\u{10d24}-\\u{10d27}',
  '\\u{10d69}-\\u{10d6d}\\u{10eab}\\u{10eac}\\u{10efa}\\u{10efb}\\u{10efd}-\\u{10eff}\\u{10f46}-\\u{10f50}',
  '\\u{10f82}-\\u{10f85}\\u{11070}\\u{1133b}\\u{11383}\\u{11385}\\u{1138e}\\u{11391}\\u{113c5}\\u{113c7}\\u{113c8}',
  '\\u{113ce}-\\u{113d0}\\u{1145e}\\u{11839}\\u{1183a}\\u{11938}\\u{1193d}\\u{1193e}\\u{11943}\\u{119e0}\\u{11a34}',
  '\\u{11a47}\\u{11a99}\\u{11d42}\\u{11d44}\\u{11d45}\\u{11d97}\\u{11f41}\\u{11f42}\\u{16121}-\\u{16128}\\u{1612f}',
  '\\u{16d68}-\\u{16d6a}\\u{16ff0}\\u{16ff1}\\u{1ccd6}-\\u{1ccf9}\\u{1e030}-\\u{1e06d}\\u{1e08f}\\u{1e130}-\\u{1e136}',
  '\\u{1e2ae}\\u{1e2ec}-\\u{1e2ef}\\u{1e4ec}-\\u{1e4ef}\\u{1e5ee}\\u{1e5ef}\\u{1e6e3}\\u{1e6e6}\\u{1e6ee}\\u{1e6ef}',
  '\\u{1e6f5}\\u{1f16c}\\u{1fbf0}-\\u{1fbf9}',
].join('');

const KNOWN = new RegExp(`[^${YOUNGER}]+`, 'gu');

/** A normal form by the tables of Unicode 9: what is younger stays as it is, and separates. */
export function normalForm(text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string {
  return text.replace(KNOWN, (part) => part.normalize(form));
}

/** {@link normalForm} of a text that knows where it comes from, character by character with the marks on each. */
export function normalizeText<T extends TracedText>(x: T, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): T {
  if (!x.origins) return {...x, text: normalForm(x.text, form)};
  const edits = Array.from(x.text.matchAll(KNOWN)).flatMap(({0: run, index}): Edit[] => {
    let start = index;
    const found = clustersOf(run, form).flatMap((cluster): Edit[] => {
      const edits = editsOf(cluster, form, start);
      start += cluster.length;
      return edits;
    });
    // Should some cluster not stand for itself, the run does: its text is right then, and its places are rough.
    const whole = run.normalize(form);
    return found.map(([, , made]) => made).join('') === whole ? found : [[index, index + run.length, whole]];
  });
  return editText(x, edits);
}

/** The edits that make this of the characters there: where it has fewer, the first stands for those that it has joined. */
function editsOf(cluster: string, form: string, start: number): Edit[] {
  const made = cluster.normalize(form);
  const [old, own] = [Array.from(cluster), Array.from(made)];
  const end = start + cluster.length;
  const apart = old.map((character) => character.normalize(form));
  if (apart.join('') === made) {
    let last = start;
    return apart.map((each, i): Edit => {
      const first = last;
      last += old[i].length;
      return [first, last, each];
    });
  }
  if (own.length >= old.length) return [[start, end, made]];
  const middle = start + old.slice(0, 1 + old.length - own.length).join('').length;
  return [
    [start, middle, own[0]],
    [middle, end, own.slice(1).join('')],
  ];
}

const IS_MARK = /^\p{M}/u;

/** The parts of a text that normal forms treat by themselves. */
function clustersOf(text: string, form: string): string[] {
  const clusters: string[] = [];
  let cluster = '';
  for (const character of text) {
    const joins = IS_MARK.test(character) || !isApart(cluster, character, form);
    if (cluster !== '' && !joins) {
      clusters.push(cluster);
      cluster = '';
    }
    cluster += character;
  }
  if (cluster !== '') clusters.push(cluster);
  return clusters;
}

function isApart(before: string, character: string, form: string): boolean {
  if (character < '\u0300') return true; // joins nothing that stands before it
  return (before + character).normalize(form) === before.normalize(form) + character.normalize(form);
}

const LOWERED = /\p{Changes_When_Lowercased}/gu;

/** Each character for itself: a sigma at the end of a word has a form of its own otherwise. */
export function lowercaseText<T extends TracedText>(x: T): T {
  return replaceText(x, LOWERED, (character) => character.toLowerCase());
}

const SPACE = new RegExp(`^${WHITE_SPACE}$`, 'u');

/** Where the white space ends that begins a text. */
export function spaceAtStart(text: string): number {
  let end = 0;
  while (end < text.length && SPACE.test(text[end])) end++; // all white space is in the Basic Multilingual Plane
  return end;
}

/** Where the white space begins that ends a text. */
export function spaceAtEnd(text: string): number {
  let start = text.length;
  while (start > 0 && SPACE.test(text[start - 1])) start--;
  return start;
}
