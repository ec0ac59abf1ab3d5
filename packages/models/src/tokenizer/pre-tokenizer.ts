import {anything, flag, type Kind, oneOf, optional} from '@subset-tuning/checks';
import {byteCharacters} from './byte-characters.js';
import {PUNCTUATION, WHITE_SPACE, WORD} from './characters.js';
import {partsOf, readPart, typeOf} from './part.js';
import {GPT_2, knownRegex, PATTERN, readPattern} from './pattern.js';
import {prependText, replaceText, sliceText, type TracedText} from './traced-text.js';

/** A stretch of text that the model sees by itself. */
export interface Piece extends TracedText {
  /** Whether it is the beginning of the whole text. */
  first: boolean;
}

/** Splits pieces further, and rewrites them. */
export type PreTokenizer = (pieces: readonly Piece[]) => readonly Piece[];

const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;
type Behavior = (typeof BEHAVIORS)[number];

const TYPES = ['BertPreTokenizer', 'ByteLevel', 'Digits', 'Metaspace', 'Punctuation', 'Split', 'Whitespace'] as const;

/** @param movesStart Whether the normalizer before it does; a Metaspace that looks for the first character cannot tell. */
export function readPreTokenizer(what: string, json: unknown, movesStart: boolean): PreTokenizer {
  if (json === null || json === undefined) return (pieces) => pieces;
  const steps = partsOf(what, json, 'pretokenizers').map(([name, part]) => readStep(name, part, movesStart));
  return (pieces) => steps.reduce((done, step) => step(done), pieces);
}

function readStep(what: string, json: unknown, movesStart: boolean): PreTokenizer {
  switch (typeOf(what, json, [...TYPES, 'WhitespaceSplit'])) {
    case 'BertPreTokenizer': {
      readPart(what, json, {type: anything});
      const words = splitter(new RegExp(WHITE_SPACE, 'gu'), 'Removed');
      const marks = splitter(new RegExp(PUNCTUATION, 'gu'), 'Isolated');
      return (pieces) => marks(words(pieces));
    }
    case 'ByteLevel': {
      const {add_prefix_space: prefix, use_regex: regex = true} = readPart(what, json, BYTE_LEVEL);
      const split = regex ? splitter(knownRegex(GPT_2), 'Isolated') : (pieces: readonly Piece[]) => pieces;
      const prefixed = (piece: Piece) => (prefix && !piece.text.startsWith(' ') ? prependText(piece, ' ') : piece);
      return (pieces) => split(pieces.map(prefixed)).map(spell);
    }
    case 'Digits': {
      const {individual_digits: each} = readPart(what, json, {type: anything, individual_digits: flag});
      return splitter(/\p{N}/gu, each ? 'Isolated' : 'Contiguous');
    }
    case 'Metaspace':
      return metaspace(what, readPart(what, json, METASPACE), movesStart);
    case 'Punctuation': {
      const {behavior = 'Isolated'} = readPart(what, json, {type: anything, behavior: optional(BEHAVIOR)});
      return splitter(new RegExp(PUNCTUATION, 'gu'), behavior as Behavior);
    }
    case 'Split': {
      const {pattern, behavior, invert} = readPart(what, json, SPLIT);
      return splitter(readPattern(`${what}: pattern`, pattern).regex, behavior as Behavior, Boolean(invert));
    }
    case 'Whitespace':
      readPart(what, json, {type: anything});
      return splitter(new RegExp(`${WORD}+|(?:(?!${WORD})\\P{White_Space})+`, 'gu'), 'Removed', true);
    case 'WhitespaceSplit':
      readPart(what, json, {type: anything});
      return splitter(new RegExp(WHITE_SPACE, 'gu'), 'Removed');
  }
}

const CHARACTER = /./gsu;
const spell = (piece: Piece): Piece =>
  piece.origins ? replaceText(piece, CHARACTER, byteCharacters) : {...piece, text: byteCharacters(piece.text)};

const BEHAVIOR = oneOf(BEHAVIORS);
const BYTE_LEVEL = {type: anything, add_prefix_space: flag, trim_offsets: optional(flag), use_regex: optional(flag)};
const SPLIT = {type: anything, pattern: PATTERN, behavior: BEHAVIOR, invert: flag};

const SCHEMES = ['always', 'first', 'never'] as const;
const ONE_CHARACTER: Kind = {
  expected: 'one character',
  is: (value) => typeof value === 'string' && /^\P{Cs}$/u.test(value),
};
export const METASPACE = {
  ...{type: anything, replacement: ONE_CHARACTER, prepend_scheme: optional(oneOf(SCHEMES)), split: optional(flag)},
  // Of older files, which the Python library reads only where it says the same.
  ...{add_prefix_space: optional(flag), str_rep: optional(ONE_CHARACTER)},
};

type Metaspace = {readonly [Name in keyof typeof METASPACE]?: unknown};

/** The scheme by which a Metaspace puts its character before a text. */
export function schemeOf(what: string, fields: Metaspace): (typeof SCHEMES)[number] {
  const scheme = SCHEMES.find((known) => known === fields.prepend_scheme) ?? 'always';
  if (fields.add_prefix_space === false && scheme !== 'never') {
    throw new Error(`${what}: add_prefix_space is false, expected true where prepend_scheme is "${scheme}"`);
  }
  if ((fields.str_rep ?? fields.replacement) !== fields.replacement) {
    throw new Error(`${what}: str_rep is another character than replacement, expected the same`);
  }
  return scheme;
}

function metaspace(what: string, fields: Metaspace, movesStart: boolean): PreTokenizer {
  const scheme = schemeOf(what, fields);
  if (scheme === 'first' && movesStart) {
    throw new Error(
      `${what}: prepend_scheme is "first" after a normalizer that takes characters away, expected another`,
    );
  }
  const mark = String(fields.replacement);
  const split = splitter(new RegExp(mark.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&'), 'gu'), 'MergedWithNext');
  return (pieces) => {
    const marked = pieces.map((piece) => {
      const replaced = replaceText(piece, / /g, () => mark);
      const prepend = scheme === 'always' || (scheme === 'first' && piece.first);
      return prepend && !replaced.text.startsWith(mark) ? prependText(replaced, mark) : replaced;
    });
    return fields.split === false ? marked : split(marked);
  };
}

/** Splits where a regular expression matches (or, inverted, where it does not), and says where what matched goes. */
function splitter(regex: RegExp, behavior: Behavior, inverted = false): PreTokenizer {
  return (pieces) => {
    const made: Piece[] = [];
    for (const piece of pieces) {
      for (const [start, end] of arrange(stretches(piece.text, regex, inverted), behavior)) {
        if (start < end) made.push({...sliceText(piece, start, end), first: piece.first && start === 0});
      }
    }
    return made;
  };
}

type Stretch = [start: number, end: number, matches: boolean];

/** All of a text in order: what matches and what lies between. */
function stretches(text: string, regex: RegExp, inverted: boolean): Stretch[] {
  const found: Stretch[] = [];
  let last = 0;
  for (const {0: match, index} of text.matchAll(regex)) {
    if (last < index) found.push([last, index, inverted]);
    last = index + match.length;
    found.push([index, last, !inverted]);
  }
  if (last < text.length) found.push([last, text.length, inverted]);
  return found;
}

function arrange(found: Stretch[], behavior: Behavior): Stretch[] {
  if (behavior === 'Isolated') return found;
  if (behavior === 'Removed') return found.filter(([, , matches]) => !matches);
  const backwards = behavior === 'MergedWithNext';
  const made: Stretch[] = [];
  let before = false;
  for (const stretch of backwards ? found.reverse() : found) {
    const last = made.at(-1);
    const [start, end, matches] = stretch;
    const joins = behavior === 'Contiguous' ? matches === before : matches && !before;
    if (!joins || !last) made.push(stretch);
    else if (backwards) last[0] = start;
    else last[1] = end;
    before = matches;
  }
  return backwards ? made.reverse() : made;
}
