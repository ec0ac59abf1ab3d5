import {anything, flag, type Kind, text as string, wholeNumber} from '@subset-tuning/checks';
import {textOfByteCharacters} from './byte-characters.js';
import {partsOf, readPart, typeOf} from './part.js';
import {PATTERN, readPattern} from './pattern.js';
import {METASPACE, schemeOf} from './pre-tokenizer.js';

/** Makes a text of tokens. */
export type Decoder = (tokens: readonly string[]) => string;

type Step = (tokens: readonly string[]) => readonly string[];

const TYPES = [
  'BPEDecoder',
  'ByteFallback',
  'ByteLevel',
  'Fuse',
  'Metaspace',
  'Replace',
  'Strip',
  'WordPiece',
] as const;

/** How many times as long all replacements together may make a token. */
const MOST_GROWTH = 64;

export function readDecoder(what: string, json: unknown): Decoder {
  if (json === null || json === undefined) return (tokens) => tokens.join(' ');
  let growth = 1;
  const steps = partsOf(what, json, 'decoders').map(([name, part]) =>
    readStep(name, part, (times) => {
      growth *= Math.max(1, times);
    }),
  );
  if (growth > MOST_GROWTH) {
    throw new Error(`${what} may make a token ${growth} times as long, expected at most ${MOST_GROWTH} times`);
  }
  return (tokens) => steps.reduce((done, step) => step(done), tokens).join('');
}

function readStep(what: string, json: unknown, grow: (times: number) => void): Step {
  switch (typeOf(what, json, TYPES)) {
    case 'BPEDecoder': {
      const {suffix} = readPart(what, json, {type: anything, suffix: FILLED});
      return (tokens) =>
        tokens.map((token, i) => token.replaceAll(String(suffix), () => (i === tokens.length - 1 ? '' : ' ')));
    }
    case 'ByteFallback':
      readPart(what, json, {type: anything});
      return joinBytes;
    case 'ByteLevel':
      readPart(what, json, BYTE_LEVEL);
      return (tokens) => [textOfByteCharacters(tokens)];
    case 'Fuse':
      readPart(what, json, {type: anything});
      return (tokens) => [tokens.join('')];
    case 'Metaspace': {
      const fields = readPart(what, json, METASPACE);
      const keepsFirst = schemeOf(what, fields) === 'never';
      const mark = String(fields.replacement);
      return (tokens) => tokens.map((token, i) => token.replaceAll(mark, () => (i === 0 && !keepsFirst ? '' : ' ')));
    }
    case 'Replace': {
      const {pattern, content} = readPart(what, json, {type: anything, pattern: PATTERN, content: SHORT});
      const {regex, shortest} = readPattern(`${what}: pattern`, pattern);
      grow(String(content).length / shortest);
      return (tokens) => tokens.map((token) => token.replace(regex, () => String(content)));
    }
    case 'Strip': {
      const {content, start} = readPart(what, json, STRIP);
      return (tokens) => tokens.map((token) => stripStart(token, String(content), Number(start)));
    }
    case 'WordPiece': {
      const {prefix, cleanup} = readPart(what, json, {type: anything, prefix: SHORT, cleanup: flag});
      const mark = String(prefix);
      return (tokens) =>
        tokens.map((token, i) => {
          const joined = i === 0 ? token : token.startsWith(mark) ? token.slice(mark.length) : ` ${token}`;
          return cleanup ? tidy(joined) : joined;
        });
    }
  }
}

const SHORT: Kind = {expected: 'a short text', is: (value) => string.is(value) && String(value).length <= 1000};
const FILLED: Kind = {expected: 'a short text, not empty', is: (value) => SHORT.is(value) && value !== ''};
const CHARACTER: Kind = {expected: 'one character', is: (value) => string.is(value) && /^.$/su.test(String(value))};
// The Python library panics where it takes more off the end than there is.
const STRIP = {type: anything, content: CHARACTER, start: wholeNumber(0), stop: wholeNumber(0, 0)};
const BYTE_LEVEL = {type: anything, add_prefix_space: anything, trim_offsets: anything, use_regex: anything};

/** Tokens such as `<0xE2>` in a row as the text that they spell, or `�` for each where they spell none. */
function joinBytes(tokens: readonly string[]): string[] {
  const made: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length > 0) made.push(textOf(bytes) ?? '\ufffd'.repeat(bytes.length));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9a-fA-F]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) bytes.push(Number.parseInt(byte, 16));
    else {
      flush();
      made.push(token);
    }
  }
  flush();
  return made;
}

function textOf(bytes: readonly number[]): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

/** Takes a character off the beginning, at most so many times. */
function stripStart(token: string, content: string, most: number): string {
  let from = 0;
  for (let i = 0; i < most && token.startsWith(content, from); i++) from += content.length;
  return token.slice(from);
}

function tidy(token: string): string {
  return token
    .replaceAll(/ ([.?!,])/g, '$1')
    .replaceAll(" ' ", "'")
    .replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m")
    .replaceAll(' do not', " don't")
    .replaceAll(/ ('s|'ve|'re)/g, '$1');
}
