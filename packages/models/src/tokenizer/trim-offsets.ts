import {byteCharacters} from './byte-characters.js';
import {spaceAtEnd, spaceAtStart} from './characters.js';
import type {Token} from './encoding.js';
import type {Trim} from './post-processor.js';

const SPACE = byteCharacters(' ');

/**
 * Tokens of a text without the white space at the ends of their places, as the Python library does it by what tokens are
 * called.
 *
 * @param nameOf What a token is called in the vocabulary.
 */
export function trimOffsets(
  tokens: readonly Token[],
  text: string,
  nameOf: (id: number) => string,
  {hasPrefix}: Trim,
): Token[] {
  return tokens.map(({id, start, end, taken}, i) => {
    const name = (taken ?? nameOf(id)).replaceAll(SPACE, ' ');
    const own = hasPrefix && (i === 0 || start === 0) ? 1 : 0;
    const first = move(text, start, Math.max(0, spaceAtStart(name) - own)) ?? end;
    const last = move(text, end, spaceAtEnd(name) - name.length) ?? end;
    return {id, start: Math.min(first, end), end: Math.max(last, Math.min(first, end))};
  });
}

/** So many characters farther, or back; nothing where the text ends before. */
function move(text: string, from: number, characters: number): number | undefined {
  const step = Math.sign(characters);
  let at = from;
  for (let left = Math.abs(characters); left > 0; left--) {
    if (step > 0 ? at >= text.length : at <= 0) return undefined;
    at += step;
    if (at < text.length && /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at - 1, at + 1))) at += step;
  }
  return at;
}
