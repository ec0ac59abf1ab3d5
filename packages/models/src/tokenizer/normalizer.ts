import {anything, flag, type Kind, text as string} from '@subset-tuning/checks';
import {BERT, bertNormalizer} from './bert-normalizer.js';
import {lowercaseText, normalizeText, spaceAtEnd, spaceAtStart} from './characters.js';
import {readCharsmap} from './charsmap.js';
import {partsOf, readPart, typeOf} from './part.js';
import {PATTERN, readPattern} from './pattern.js';
import {charsmapNormalizer} from './precompiled.js';
import {prependText, replaceText, sliceText, type TracedText} from './traced-text.js';

/** What is done to a text before it is split. */
export interface Normalizer {
  normalize<T extends TracedText>(x: T): T;
  /** Whether the first character of what it makes may stand for another than the text's first. */
  movesStart: boolean;
}

/** How many times as long a text may become by the replacements of all parts together, and what may be put before it. */
const MOST_GROWTH = 64;

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;
const TYPES = [...FORMS, 'Lowercase', 'Strip', 'Precompiled', 'Prepend', 'Replace', 'BertNormalizer'] as const;

interface Step {
  apply(x: TracedText): TracedText;
  movesStart?: boolean;
  /** Times as long at most. */
  growth?: number;
}

export function readNormalizer(what: string, json: unknown): Normalizer {
  if (json === null || json === undefined) return {normalize: (x) => x, movesStart: false};
  const steps = partsOf(what, json, 'normalizers').map(([name, part]) => readStep(name, part));
  const growth = steps.reduce((product, {growth = 1}) => product * growth, 1);
  if (growth > MOST_GROWTH) {
    throw new Error(`${what} may make a text ${growth} times as long, expected at most ${MOST_GROWTH} times`);
  }
  return {
    normalize: (x) => ({...x, ...steps.reduce((done: TracedText, {apply}) => apply(done), x)}),
    movesStart: steps.some(({movesStart}) => movesStart),
  };
}

function readStep(what: string, json: unknown): Step {
  const type = typeOf(what, json, TYPES);
  switch (type) {
    case 'BertNormalizer':
      return {apply: bertNormalizer(readPart(what, json, BERT)), movesStart: true, growth: 3};
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      readPart(what, json, {type: anything});
      return {apply: (x) => normalizeText(x, type)};
    case 'Lowercase':
      readPart(what, json, {type: anything});
      return {apply: lowercaseText};
    case 'Strip': {
      const {strip_left: left, strip_right: right} = readPart(what, json, STRIP);
      return {
        apply: (x) => {
          const rest = right ? sliceText(x, 0, spaceAtEnd(x.text)) : x;
          return left ? sliceText(rest, spaceAtStart(rest.text)) : rest;
        },
        movesStart: Boolean(left),
      };
    }
    case 'Precompiled': {
      const {precompiled_charsmap: base64} = readPart(what, json, {type: anything, precompiled_charsmap: anything});
      const charsmap = readCharsmap(what, base64);
      const growths = Array.from(charsmap, ([key, value]) => value.length / key.length);
      return {
        apply: charsmapNormalizer(charsmap),
        growth: growths.reduce((most, growth) => Math.max(most, growth), 1),
        movesStart: growths.includes(0),
      };
    }
    case 'Prepend': {
      const {prepend} = readPart(what, json, PREPEND);
      return {apply: (x) => prependText(x, String(prepend)), growth: 1 + String(prepend).length};
    }
    case 'Replace': {
      const {pattern, content} = readPart(what, json, REPLACE);
      const {regex, shortest} = readPattern(`${what}: pattern`, pattern);
      return {
        apply: (x) => replaceText(x, regex, () => String(content), 'last'),
        growth: Math.max(1, String(content).length / shortest),
        movesStart: content === '',
      };
    }
  }
}

const SHORT: Kind = {
  expected: 'a short text of valid Unicode',
  is: (value) => string.is(value) && String(value).length <= 1000 && !/\p{Surrogate}/u.test(String(value)),
};
const STRIP = {type: anything, strip_left: flag, strip_right: flag};
const PREPEND = {type: anything, prepend: SHORT};
const REPLACE = {type: anything, pattern: PATTERN, content: SHORT};
