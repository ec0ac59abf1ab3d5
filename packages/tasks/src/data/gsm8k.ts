import {check, type Kind, type Kinds, text} from '@subset-tuning/checks';
import {type DataSet, jsonLines} from './data-set.js';
import {readFields} from './json.js';

/** A problem of grade-school mathematics with its solution. */
export interface Gsm8kRow {
  question: string;
  /** The steps, with calculations as `<<48/2=24>>`, and on a last line `#### ` and the number. */
  answer: string;
}

const ROW: Kinds<Gsm8kRow> = {question: text, answer: text};
const ANSWER: Kind = {
  expected: 'a solution that ends in #### and a number',
  is: (answer) => typeof answer === 'string' && /#### *-?[\d.,]*\d\s*$/u.test(answer),
};

/**
 * GSM8K (Cobbe et al. 2021), the JSON lines of github.com/openai/grade-school-math: `train.jsonl` and `test.jsonl`.
 *
 * @example
 * ```ts no-run
 * import {dataSets, loadSplit} from '@subset-tuning/tasks';
 * const rows = await loadSplit(dataSets.gsm8k, 'data/gsm8k', 'train', {limit: 8});
 * ```
 */
export const gsm8k: DataSet<Gsm8kRow> = jsonLines(
  'gsm8k',
  {train: ['train.jsonl'], test: ['test.jsonl']},
  (where, value) => {
    const row = readFields(where, value, ROW);
    check(`${where}: answer`, row.answer, ANSWER);
    return row;
  },
);
