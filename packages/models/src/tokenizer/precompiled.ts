import {LONGEST_KEY} from './charsmap.js';
import {type Edit, editText, type TracedText} from './traced-text.js';

/**
 * Replaces as the Python library does by a charsmap: each short grapheme, or else each of its characters, as a whole by
 * what the shortest of its beginnings stands for that is in the map.
 */
export function charsmapNormalizer(charsmap: ReadonlyMap<string, string>): (x: TracedText) => TracedText {
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
  return (x) => {
    if (!changesAscii && PRINTABLE.test(x.text)) return x;
    const edits: Edit[] = [];
    for (const {segment, index} of graphemes.segment(x.text)) {
      const characters = Array.from(segment);
      const whole = isShort(characters) ? find(characters) : undefined;
      let start = index;
      for (const part of whole === undefined ? characters : [segment]) {
        const made = whole ?? find([part]);
        if (made !== undefined) edits.push([start, start + part.length, made]);
        start += part.length;
      }
    }
    return editText(x, edits);
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
