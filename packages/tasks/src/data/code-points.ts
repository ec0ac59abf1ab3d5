/** Orders texts by their code points, as Python does; JavaScript's own order is that of UTF-16. */
export function byCodePoints(a: string, b: string): number {
  const others = [...b];
  let i = 0;
  for (const character of a) {
    if (i === others.length) return 1;
    const difference = Number(character.codePointAt(0)) - Number(others[i].codePointAt(0));
    if (difference !== 0) return difference;
    i++;
  }
  return i - others.length;
}

/**
 * Where a text's code point of this number begins in it, as JavaScript counts; the text's length for the one after the
 * last.
 */
export function indexOfCodePoint(text: string, number: number): number {
  let index = 0;
  for (let i = 0; i < number; i++) index += Number(text.codePointAt(index)) > 0xffff ? 2 : 1;
  return index;
}
