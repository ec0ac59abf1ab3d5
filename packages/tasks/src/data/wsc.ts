import {anything, check, flag, type Kinds, optional, text, wholeNumber} from '@subset-tuning/checks';
import {readFields} from './json.js';
import type {WscRow} from './super-glue-rows.js';

const idx = wholeNumber(0);
const ROW: Kinds<{text: string; target: unknown; idx: number; label?: boolean}> = {
  ...{text, target: anything, idx},
  label: optional(flag),
};
type Target = Pick<WscRow, 'span1_index' | 'span2_index' | 'span1_text' | 'span2_text'>;
const TARGET: Kinds<Target> = {span1_index: idx, span2_index: idx, span1_text: text, span2_text: text};
/** Two spans that have words of others between them, and so do not stand in their text. */
const BROKEN = ['Kamenev and Zinoviev', 'Kamenev, Zinoviev, and Stalin'];

/**
 * A row with the published spans mended as in the data set `super_glue`, `wsc.fixed` on the Hugging Face hub, which
 * T5 was trained on: most of those that do not stand in their text differ in case or punctuation alone.
 */
export function parseWsc(where: string, value: unknown): WscRow {
  const {text, target, idx, label} = readFields(where, value, ROW);
  const spans = readFields(`${where}: target`, target, TARGET);
  const words = text.split(/\s+/u).filter(Boolean);
  const index = wholeNumber(0, words.length - 1);
  check(`${where}: target: span1_index`, spans.span1_index, index);
  check(`${where}: target: span2_index`, spans.span2_index, index);
  return {
    text,
    ...spans,
    span1_text: mend(spans.span1_text, words[spans.span1_index], text),
    span2_text: mend(spans.span2_text, words[spans.span2_index], text),
    idx,
    ...(label === undefined ? {} : {label: Number(label)}),
  };
}

function mend(span: string, firstWord: string, text: string): string {
  if (text.includes(span) || BROKEN.includes(span)) return span;
  const [first = '', ...rest] = span;
  const lower = /^\p{Ll}/u.test(firstWord);
  return ((lower ? first.toLowerCase() : first.toUpperCase()) + rest.join(''))
    .replace(/\.+$/, '')
    .replaceAll('\n', ' ');
}
