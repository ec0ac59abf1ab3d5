/*
 * What the tokenizers of BLEU and TER share, after sacrebleu 2.6's `tokenizers/tokenizer_{re,ter}.py` (Apache-2.0, the
 * latter copyright 2020 Memsource).
 */

/** The text with XML's escapes resolved, in the scripts' order. */
export function resolveEscapes(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
}

/** Separates ASCII's signs but for `'`, `-`, `.` and `,`. */
export function separateSigns(line: string): string {
  return line.replace(/([{-~[-` -&(-+:-@/])/gu, ' $1 ');
}

/** Separates full stop and comma unless inside a number, and a dash after a digit. */
export function separateStops(line: string): string {
  return line
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/gu, '$1 $2 ');
}
