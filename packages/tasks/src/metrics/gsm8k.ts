import {check, checkOptions, type Kinds, oneOf, optional, show, text} from '@subset-tuning/checks';
import {exactMatch} from './exact-match.js';
import type {Metric} from './metric.js';

/** How an answer is found in what a model says. */
export type Gsm8kExtraction = 'original' | 'strict' | 'flexible';

/** Options of {@link gsm8k}. */
export interface Gsm8kOptions {
  /**
   * `strict` (the default) is lm-evaluation-harness's `strict-match`: the number after the first `#### `. `flexible` is
   * its `flexible-extract`: the last number. `original` is the data set's `extract_answer`, which differs from strict in
   * what it makes of dots.
   */
  extraction?: Gsm8kExtraction;
}

const EXTRACTION = oneOf(['original', 'strict', 'flexible']);
const GSM8K_OPTIONS: Kinds<Gsm8kOptions> = {extraction: optional(EXTRACTION)};

/** What is found where nothing is. */
const INVALID = '[invalid]';
const STRICT = /#### (-?[0-9.,]+)/u;
const FLEXIBLE = /-?[$0-9.,]{2,}|-?[0-9]+/gu;

/** `regexes_to_ignore` of lm-evaluation-harness's `gsm8k.yaml`; Python's `$` is before a last line feed too. */
const answersMatch = exactMatch({ignore: [/,/gu, /\$/gu, /[\s\S]*#### /gu, /\.(?=\n?$)/gu], ignoreCase: true});

/**
 * Finds the answer in what a model says to a problem of GSM8K.
 *
 * @returns the number as it stands there (the original extraction leaves out commas), or `[invalid]` where there is none.
 *
 * @example
 * ```ts
 * import {extractGsm8kAnswer} from '@subset-tuning/tasks';
 * extractGsm8kAnswer('So she has $18 left.', 'flexible'); // '$18'
 * extractGsm8kAnswer('So she has $18 left.\n#### 18', 'strict'); // '18'
 * ```
 */
export function extractGsm8kAnswer(completion: string, extraction: Gsm8kExtraction = 'strict'): string {
  check('extractGsm8kAnswer: completion', completion, text);
  check('extractGsm8kAnswer: extraction', extraction, EXTRACTION);
  if (extraction === 'flexible') return completion.match(FLEXIBLE)?.at(-1) ?? INVALID;
  const found = STRICT.exec(completion)?.[1] ?? INVALID;
  return extraction === 'original' ? found.replaceAll(',', '') : found;
}

/**
 * The share of GSM8K's problems, from 0 to 1, to which the answer that is found in what a model says is the right one. The
 * same as lm-evaluation-harness 0.4.13's `exact_match` after its filters, or as the data set's own `is_correct`.
 *
 * A prediction is all that the model says, a reference is the data set's answer, with its steps and `#### `. Commas,
 * dollar signs and a full stop at the end do not count. Details: `total`, `invalid` (where no number is found).
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {gsm8k, score} from '@subset-tuning/tasks';
 * score(gsm8k({extraction: 'flexible'}), ['She has $1,018.'], ['9 + 1009 = 1018\n#### 1018']).value; // 1
 * ```
 */
export function gsm8k(options: Gsm8kOptions = {}): Metric<string, string> {
  checkOptions('gsm8k', options, GSM8K_OPTIONS);
  const {extraction = 'strict'} = options;
  return {
    name: `GSM8K ${extraction}`,
    higherIsBetter: true,
    size: 3,
    signature: () => ({metric: 'GSM8K', extraction}),
    statistics(prediction, reference, row) {
      check(`${row}: the prediction`, prediction, text);
      check(`${row}: the reference`, reference, text);
      const found = extractGsm8kAnswer(prediction, extraction);
      return [isRight(found, reference, extraction, row) ? 1 : 0, 1, found === INVALID ? 1 : 0];
    },
    aggregate: (sum) => ({value: sum[0] / sum[1], details: {total: sum[1], invalid: sum[2]}}),
  };
}

function isRight(found: string, reference: string, extraction: Gsm8kExtraction, row: string): boolean {
  if (extraction !== 'original') return answersMatch.statistics(found, [reference], row)[0] === 1;
  const right = extractGsm8kAnswer(reference, 'original');
  if (right === INVALID)
    throw new Error(`${row}: the reference is ${show(reference)}, expected "#### " and a number in it`);
  return found === right;
}
