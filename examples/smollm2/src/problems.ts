import {readFileSync} from 'node:fs';
import type {CausalModel, Example} from '@subset-tuning/models';

export interface Problem {
  question: string;
  /** Steps to the result, and the result in the last line: `#### 72`. */
  answer: string;
}

/** Reads GSM8K's own files: an object with a question and an answer a line. */
export function readProblems(file: string): Problem[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return [];
      const {question, answer}: Partial<Problem> = JSON.parse(line);
      if (typeof question === 'string' && typeof answer === 'string') return [{question, answer}];
      throw new Error(`${file}, line ${i + 1}: expected an object with a question and an answer`);
    });
}

/** What a model is given of a problem. */
export function promptOf({question}: Problem): string {
  return `Question: ${question}\nAnswer:`;
}

/** A question, which is given, and its answer, which is to be learned. */
export function encodeProblem(problem: Problem, {tokenizer}: CausalModel): Example {
  const given = tokenizer.encode(promptOf(problem));
  return {ids: [...given, ...tokenizer.encode(` ${problem.answer}`)], sourceLength: given.length};
}
