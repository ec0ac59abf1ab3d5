import {LONGEST_KEY} from './charsmap.js';

/**
 * Replaces as the Python library does by a charsmap: each short grapheme, or else each of its characters, as a whole by
 * what the shortest of its beginnings stands for that is in the map.
 */
export function charsmapNormalizer(charsmap: ReadonlyMap<string, string>): (text: string) => string {
  const changesAscii = Array.from(charsmap.keys()).some((key) => PRINTABLE.test(key));
  const graphemes = new Intl.Segmenter('und', {granularity: 'grapheme'});
  const find = (characters: readonly string[]): string | undefined => {
    let beginning = '';
    for (const character of characters) {
      if (character === '\0') return undefined;
      beginning += character;
      const found = charsmap.get(beginning);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return (text) => {
    if (!changesAscii && PRINTABLE.test(text)) return text;
    let made = '';
    for (const {segment} of graphemes.segment(text)) {
      const characters = Array.from(segment);
      const whole = isShort(characters) ? find(characters) : undefined;
      made += whole ?? characters.map((character) => find([character]) ?? character).join('');
    }
    return made;
  };
}

const PRINTABLE = /^[ -~]*$/;

function isShort(characters: readonly string[]): boolean {
  let bytes = 0;
  for (const character of characters) {
    bytes += utf8Length(character.codePointAt(0) ?? 0);
    if (bytes > LONGEST_KEY) return false;
  }
  return true;
}

function utf8Length(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}
