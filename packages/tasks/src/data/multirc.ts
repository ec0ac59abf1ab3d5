import {anything, type Kinds, optional, text, wholeNumber} from '@subset-tuning/checks';
import {readArray, readFields} from './json.js';
import type {MultiRcRow} from './super-glue-rows.js';

const idx = wholeNumber(0);
const PARAGRAPH: Kinds<{idx: number; passage: unknown}> = {idx, passage: anything};
const PASSAGE: Kinds<{text: string; questions: unknown}> = {text, questions: anything};
const QUESTION: Kinds<{question: string; answers: unknown; idx: number}> = {question: text, answers: anything, idx};
const ANSWER: Kinds<{text: string; idx: number; label?: number}> = {text, idx, label: optional(wholeNumber(0, 1))};

/** The rows of a paragraph: one for each answer to each of its questions. */
export function parseMultiRc(where: string, value: unknown): MultiRcRow[] {
  const paragraph = readFields(where, value, PARAGRAPH);
  const passage = readFields(`${where}: passage`, paragraph.passage, PASSAGE);
  return readArray(`${where}: passage.questions`, passage.questions).flatMap(([where, value]) => {
    const {question, answers, idx} = readFields(where, value, QUESTION);
    return readArray(`${where}.answers`, answers).map(([where, value]) => {
      const answer = readFields(where, value, ANSWER);
      return {
        ...{paragraph: passage.text, question, answer: answer.text},
        idx: {paragraph: paragraph.idx, question: idx, answer: answer.idx},
        ...(answer.label === undefined ? {} : {label: answer.label}),
      };
    });
  });
}
