import {flag, type Kind, type Kinds, show} from '@subset-tuning/checks';
import {spaceAtEnd, spaceAtStart, WORD} from './characters.js';
import {Dictionary} from './dictionary.js';
import type {Normalizer} from './normalizer.js';
import {readPart} from './part.js';
import type {Piece} from './pre-tokenizer.js';
import {sliceText, type TracedText} from './traced-text.js';
import {MOST_TOKENS, type Vocabulary} from './vocabulary.js';

/** A token that is found in a text before the model sees it. */
export interface AddedToken {
  id: number;
  content: string;
  /** Only where no letter or digit stands beside it. */
  single_word: boolean;
  /** With the white space before it. */
  lstrip: boolean;
  /** With the white space after it. */
  rstrip: boolean;
  /** Found in the normalized text. */
  normalized: boolean;
  /** Left out of decoded texts. */
  special: boolean;
}

const CONTENT: Kind = {
  expected: 'a text of 1 to 256 characters',
  is: (value) => typeof value === 'string' && value !== '' && value.length <= 256 && !/\p{Surrogate}/u.test(value),
};
const KINDS: Kinds<AddedToken> = {
  ...{id: {expected: '', is: () => true}, content: CONTENT, single_word: flag, lstrip: flag, rstrip: flag},
  ...{normalized: flag, special: flag},
};

/**
 * The added tokens of a file. Their ids must be those that the Python tokenizers give them, whatever the file says: of a
 * token that the model has, the model's; of any other, the next free one.
 */
export function readAddedTokens(name: string, json: unknown, vocabulary: Vocabulary): AddedToken[] {
  if (!Array.isArray(json)) throw new Error(`${name}: added_tokens is ${show(json)}, expected an array of tokens`);
  const known = new Map<string, AddedToken>();
  let next = vocabulary.size;
  for (const [i, entry] of json.entries()) {
    const token = readPart(`${name}: added_tokens[${i}]`, entry, KINDS);
    const {content, id} = token;
    const expected = vocabulary.get(content) ?? next;
    if (id !== expected || id >= MOST_TOKENS) {
      throw new Error(`${name}: the token ${show(content)} has the id ${show(id)}, expected ${expected}`);
    }
    if (known.has(content)) throw new Error(`${name}: added_tokens has ${show(content)} twice, expected it once`);
    known.set(content, token);
    if (id === next) next++;
  }
  return [...known.values()];
}

/** A stretch of a text: an added token, or what is left for the model. */
export type Section = Piece & {token?: AddedToken};

/** Finds added tokens: first those that stand in the text, then, in what is left, those of the normalized text. */
export function sectioner(tokens: readonly AddedToken[], {normalize}: Normalizer): (x: TracedText) => Section[] {
  const before = new Map<string, AddedToken>();
  const after = new Map<string, AddedToken>();
  for (const token of tokens) {
    const content = token.normalized ? normalize({text: token.content}).text : token.content;
    const found = token.normalized ? after : before;
    if (content !== '' && !found.has(content)) found.set(content, token);
  }
  const raw = new Dictionary(before);
  const normalized = new Dictionary(after);
  return (x) =>
    find({...x, first: true}, raw).flatMap((section) =>
      section.token ? [section] : find(normalize(section), normalized),
    );
}

const WORD_BEFORE = new RegExp(`${WORD}$`, 'u');
const WORD_AFTER = new RegExp(`^${WORD}`, 'u');

function find(piece: Piece, tokens: Dictionary<AddedToken>): Section[] {
  const {text, first} = piece;
  const sections: Section[] = [];
  let last = 0;
  const rest = (end: number) => {
    if (last < end) sections.push({...sliceText(piece, last, end), first: first && last === 0});
  };
  for (let at = 0; at < text.length; ) {
    const found = tokens.longestAt(text, at);
    if (!found) {
      at++;
      continue;
    }
    const [end, token] = found;
    // The two code units beside it hold the characters beside it.
    const inWord = WORD_BEFORE.test(text.slice(Math.max(0, at - 2), at)) || WORD_AFTER.test(text.slice(end, end + 2));
    if (!(token.single_word && inWord)) {
      const start = token.lstrip ? last + spaceAtEnd(text.slice(last, at)) : at;
      rest(start);
      last = token.rstrip ? end + spaceAtStart(text.slice(end)) : end;
      sections.push({...sliceText(piece, start, last), first: false, token});
    }
    at = end;
  }
  rest(text.length);
  return sections;
}
