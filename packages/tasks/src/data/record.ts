import {anything, type Kinds, number, optional, text, wholeNumber} from '@subset-tuning/checks';
import {byCodePoints} from './code-points.js';
import {readArray, readFields} from './json.js';
import type {RecordRow} from './super-glue-rows.js';

const idx = wholeNumber(0);
const ARTICLE: Kinds<{idx: number; passage: unknown; qas: unknown}> = {idx, passage: anything, qas: anything};
const PASSAGE: Kinds<{text: string; entities: unknown}> = {text, entities: anything};
const QUERY: Kinds<{query: string; idx: number; answers?: unknown}> = {query: text, idx, answers: optional(anything)};
const ANSWER: Kinds<{text: string}> = {text};

/** The rows of an article: one for each query. */
export function parseRecord(where: string, value: unknown): RecordRow[] {
  const article = readFields(where, value, ARTICLE);
  const passage = readFields(`${where}: passage`, article.passage, PASSAGE);
  const characters = [...passage.text];
  const last = characters.length - 1;
  const entities = readArray(`${where}: passage.entities`, passage.entities).map(([where, value]) => {
    const {start, end} = readFields<{start: number; end: number}>(where, value, {
      start: wholeNumber(0, last),
      end: number(
        `a number from start to ${last}, the passage's last character`,
        (end) => Number.isInteger(end) && end <= last,
      ),
    });
    if (end < start) throw new Error(`${where} ends at ${end}, expected at least its start, ${start}`);
    return characters.slice(start, end + 1).join('');
  });
  return readArray(`${where}: qas`, article.qas).map(([where, value]) => {
    const {query, idx, answers = []} = readFields(where, value, QUERY);
    const right = readArray(`${where}.answers`, answers).map(([where, value]) => readFields(where, value, ANSWER).text);
    return {
      ...{passage: passage.text, query, entities: unique(entities), answers: unique(right)},
      idx: {passage: article.idx, query: idx},
    };
  });
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(byCodePoints);
}
