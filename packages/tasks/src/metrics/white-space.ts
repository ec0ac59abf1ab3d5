/** What Python's `str.split()` splits at: Unicode white space and the four ASCII information separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the separators are control characters
const SPACE = /[\p{White_Space}\x1c-\x1f]+/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const ONE_SPACE = /^[\p{White_Space}\x1c-\x1f]$/u;

/** The words between white space, as Python's `str.split()` gives them. */
export function splitWords(text: string): string[] {
  const words = text.split(SPACE);
  if (words[0] === '') words.shift();
  if (words.at(-1) === '') words.pop();
  return words;
}

/** The text without white space at its end, as Python's `str.rstrip()` gives it. */
export function trimEnd(text: string): string {
  // A pattern that ends in `+$` would begin anew at every space inside the text.
  let end = text.length;
  while (end > 0 && ONE_SPACE.test(text[end - 1])) end--;
  return text.slice(0, end);
}
