import {anything, flag, type Kind, text as string} from '@subset-tuning/checks';
import {BERT, bertNormalizer} from './bert-normalizer.js';
import {lowercase, normalForm, spaceAtEnd, spaceAtStart} from './characters.js';
import {readCharsmap} from './charsmap.js';
import {partsOf, readPart, typeOf} from './part.js';
import {PATTERN, readPattern} from './pattern.js';
import {charsmapNormalizer} from './precompiled.js';

/** What is done to a text before it is split. */
export interface Normalizer {
  normalize(text: string): string;
  /** Whether the first character of what it makes may stand for another than the text's first. */
  movesStart: boolean;
}

/** How many times as long a text may become by the replacements of all parts together, and what may be put before it. */
const MOST_GROWTH = 64;

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;
const TYPES = [...FORMS, 'Lowercase', 'Strip', 'Precompiled', 'Prepend', 'Replace', 'BertNormalizer'] as const;

interface Step {
  apply(text: string): string;
  movesStart?: boolean;
  /** Times as long at most. */
  growth?: number;
}

export function readNormalizer(what: string, json: unknown): Normalizer {
  if (json === null || json === undefined) return {normalize: (text) => text, movesStart: false};
  const steps = partsOf(what, json, 'normalizers').map(([name, part]) => readStep(name, part));
  const growth = steps.reduce((product, {growth = 1}) => product * growth, 1);
  if (growth > MOST_GROWTH) {
    throw new Error(`${what} may make a text ${growth} times as long, expected at most ${MOST_GROWTH} times`);
  }
  return {
    normalize: (text) => steps.reduce((done, {apply}) => apply(done), text),
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
      return {apply: (text) => normalForm(text, type)};
    case 'Lowercase':
      readPart(what, json, {type: anything});
      return {apply: lowercase};
    case 'Strip': {
      const {strip_left: left, strip_right: right} = readPart(what, json, STRIP);
      return {
        apply: (text) => {
          const rest = right ? text.slice(0, spaceAtEnd(text)) : text;
          return left ? rest.slice(spaceAtStart(rest)) : rest;
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
      return {apply: (text) => (text === '' ? '' : `${prepend}${text}`), growth: 1 + String(prepend).length};
    }
    case 'Replace': {
      const {pattern, content} = readPart(what, json, REPLACE);
      const {regex, shortest} = readPattern(`${what}: pattern`, pattern);
      return {
        apply: (text) => text.replace(regex, () => String(content)),
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
