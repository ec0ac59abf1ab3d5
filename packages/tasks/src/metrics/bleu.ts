import {checkOptions, flag, type Kinds, number, oneOf, optional, wholeNumber} from '@subset-tuning/checks';
import {BLEU_TOKENIZERS, type BleuTokenizer} from './bleu-tokenizers.js';
import {checkTexts} from './check-texts.js';
import type {Metric} from './metric.js';
import {countReferences} from './score.js';
import {splitWords, trimEnd} from './white-space.js';

/** By what a precision of zero is replaced. */
export type BleuSmoothing = 'none' | 'floor' | 'add-k' | 'exp';

const DEFAULT_VALUES: Record<BleuSmoothing, number | undefined> = {
  none: undefined,
  floor: 0.1,
  'add-k': 1,
  exp: undefined,
};

/** Options of {@link bleu}; their defaults are sacrebleu's. */
export interface BleuOptions {
  /**
   * What the words are: `13a` (the default) is that of WMT, `intl` goes by Unicode's classes, `char` takes characters,
   * and `none` takes the text as tokenized.
   */
  tokenizer?: BleuTokenizer;
  /** Compare in lower case. Default false. */
  lowercase?: boolean;
  /**
   * What to do where no n-gram of a length matches: `exp` (the default) halves the precision each time, `floor` counts
   * `smoothingValue` matches, `add-k` adds it to matches and n-grams longer than 1, `none` leaves the score at zero.
   */
  smoothing?: BleuSmoothing;
  /** For `floor` (default 0.1) and `add-k` (default 1). */
  smoothingValue?: number;
  /** The longest n-gram. Default 4. */
  maxOrder?: number;
  /** Leave out lengths that the translation is too short for, which is meant for single sentences. Default false. */
  effectiveOrder?: boolean;
}

const BLEU_OPTIONS: Kinds<BleuOptions> = {
  tokenizer: optional(oneOf(Object.keys(BLEU_TOKENIZERS))),
  lowercase: optional(flag),
  smoothing: optional(oneOf(Object.keys(DEFAULT_VALUES))),
  smoothingValue: optional(number('a number of at least 0', (value) => value >= 0)),
  maxOrder: optional(wholeNumber(1, 100)),
  effectiveOrder: optional(flag),
};

/**
 * BLEU, from 0 to 100: how many of a translation's n-grams its references have, as a geometric mean over the lengths,
 * less where it is shorter than they are. The same number as sacrebleu 2.6's `BLEU`.
 *
 * A sentence's statistics are its length, its closest reference's, and for each n-gram length the matches and the
 * n-grams. Details: `precisions` (in percent), `brevityPenalty`, `predictionLength` and `referenceLength` (tokens).
 *
 * Sources: Papineni et al., "BLEU: a method for automatic evaluation of machine translation" (ACL 2002); Post, "A call
 * for clarity in reporting BLEU scores" (WMT 2018); `sacrebleu/metrics/bleu.py`.
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {bleu, score} from '@subset-tuning/tasks';
 * score(bleu({tokenizer: 'intl'}), ['Ich war gestern da.'], [['Ich war gestern dort.', 'Ich war gestern da.']]).value; // 100 but for rounding
 * ```
 */
export function bleu(options: BleuOptions = {}): Metric<string, readonly string[]> {
  checkOptions('bleu', options, BLEU_OPTIONS);
  const {tokenizer = '13a', lowercase = false, smoothing = 'exp', maxOrder = 4, effectiveOrder = false} = options;
  const smoothingValue = options.smoothingValue ?? DEFAULT_VALUES[smoothing];
  const tokenize = BLEU_TOKENIZERS[tokenizer];
  const words = (line: string) => splitWords(tokenize(trimEnd(lowercase ? line.toLowerCase() : line)));
  const shown = DEFAULT_VALUES[smoothing] === undefined ? '' : `[${smoothingValue?.toFixed(2)}]`;

  return {
    name: 'BLEU',
    higherIsBetter: true,
    size: 2 + 2 * maxOrder,
    signature: (references) => ({
      ...countReferences(references),
      case: lowercase ? 'lc' : 'mixed',
      eff: effectiveOrder ? 'yes' : 'no',
      tok: tokenizer,
      smooth: `${smoothing}${shown}`,
      // sacrebleu does not tell it
      ...(maxOrder !== 4 && {order: maxOrder}),
    }),

    statistics(prediction, references, row) {
      checkTexts(row, prediction, references);
      const own = words(prediction);
      const others = references.map(words);
      const statistics = new Float64Array(2 + 2 * maxOrder);
      statistics[0] = own.length;
      statistics[1] = closestLength(own.length, others);
      for (let n = 1; n <= maxOrder; n++) {
        statistics[1 + n] = matches(own, others, n);
        statistics[1 + maxOrder + n] = Math.max(0, own.length - n + 1);
      }
      return statistics;
    },

    aggregate(sum) {
      const [predictionLength, referenceLength] = [sum[0], sum[1]];
      const brevityPenalty = penalty(predictionLength, referenceLength);
      const precisions = new Array<number>(maxOrder).fill(0);
      const details = {precisions, brevityPenalty, predictionLength, referenceLength};
      let any = false;
      for (let n = 1; n <= maxOrder; n++) any ||= sum[1 + n] > 0;
      if (!any) return {value: 0, details};

      let halvings = 1;
      let order = maxOrder;
      for (let n = 1; n <= maxOrder; n++) {
        const added = smoothing === 'add-k' && n > 1 ? (smoothingValue ?? 0) : 0;
        const match = sum[1 + n] + added;
        const all = sum[1 + maxOrder + n] + added;
        if (all === 0) break;
        if (effectiveOrder) order = n;
        if (match > 0) precisions[n - 1] = (100 * match) / all;
        else if (smoothing === 'exp') {
          halvings *= 2;
          precisions[n - 1] = 100 / (halvings * all);
        } else if (smoothing === 'floor') precisions[n - 1] = (100 * (smoothingValue ?? 0)) / all;
      }
      let logs = 0;
      // sacrebleu's logarithm of zero, a number so low that the score is zero
      for (let n = 0; n < order; n++) logs += precisions[n] === 0 ? -9999999999 : Math.log(precisions[n]);
      return {value: brevityPenalty * Math.exp(logs / order), details};
    },
  };
}

function penalty(predictionLength: number, referenceLength: number): number {
  if (predictionLength >= referenceLength) return 1;
  return predictionLength > 0 ? Math.exp(1 - referenceLength / predictionLength) : 0;
}

/** The length of the reference closest in length; the shorter one of two. */
function closestLength(length: number, references: readonly string[][]): number {
  let closest = Number.POSITIVE_INFINITY;
  for (const reference of references) {
    const nearer = Math.abs(reference.length - length) - Math.abs(closest - length);
    if (nearer < 0 || (nearer === 0 && reference.length < closest)) closest = reference.length;
  }
  return closest;
}

/** How many n-grams some reference has too, each at most as often as the reference with most of it. */
function matches(own: readonly string[], references: readonly string[][], n: number): number {
  const most = new Map<string, number>();
  for (const reference of references) {
    for (const [ngram, count] of countNgrams(reference, n)) most.set(ngram, Math.max(most.get(ngram) ?? 0, count));
  }
  let match = 0;
  for (const [ngram, count] of countNgrams(own, n)) match += Math.min(count, most.get(ngram) ?? 0);
  return match;
}

function countNgrams(words: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= words.length; i++) {
    const ngram = n === 1 ? words[i] : words.slice(i, i + n).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}
