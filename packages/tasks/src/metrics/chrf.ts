import {checkOptions, flag, type Kinds, number, optional, wholeNumber} from '@subset-tuning/checks';
import {checkTexts} from './check-texts.js';
import type {Metric} from './metric.js';
import {countReferences} from './score.js';
import {splitWords} from './white-space.js';

const PUNCTUATION = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/** Precision and recall of an n-gram length that a side does not have, in sacrebleu's `eps_smoothing`. */
const EPSILON = 1e-16;

/** Options of {@link chrf}; their defaults are sacrebleu's. */
export interface ChrFOptions {
  /** The longest n-gram of characters. Default 6. */
  charOrder?: number;
  /** The longest n-gram of words: 0 (the default) is chrF, 2 is chrF++. */
  wordOrder?: number;
  /** How many times as much recall counts as precision. Default 2. */
  beta?: number;
  /** Compare in lower case. Default false. */
  lowercase?: boolean;
  /** Keep white space among the characters. Default false. */
  whitespace?: boolean;
  /** Average the F scores of all lengths, those without n-grams too, as chrF++.py and NLTK do. Default false. */
  epsSmoothing?: boolean;
}

const CHRF_OPTIONS: Kinds<ChrFOptions> = {
  charOrder: optional(wholeNumber(1, 100)),
  wordOrder: optional(wholeNumber(0, 100)),
  beta: optional(number('a number above 0', (beta) => beta > 0)),
  lowercase: optional(flag),
  whitespace: optional(flag),
  epsSmoothing: optional(flag),
};

/**
 * chrF, from 0 to 100: the F score of character n-grams (for chrF++ of words too), counted over the whole corpus; of a
 * sentence's references the one that alone scores best counts. The same number as sacrebleu 2.6's `CHRF`.
 *
 * A sentence's statistics are, for each n-gram length, how many the translation has, how many its reference has, and
 * how many they share. Details: `precision` and `recall`, in percent, as means over the lengths that both sides have.
 *
 * Sources: Popović, "chrF: character n-gram F-score for automatic MT evaluation" (WMT 2015) and "chrF++: words
 * helping character n-grams" (WMT 2017); `sacrebleu/metrics/chrf.py`.
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {chrf, score} from '@subset-tuning/tasks';
 * score(chrf(), ['Ich war da.'], [['Ich war dort.', 'Ich war da.']]).value; // 100
 * score(chrf({wordOrder: 2}), ['Ich war da.'], [['Ich war dort.']]).name; // 'chrF2++'
 * ```
 */
export function chrf(options: ChrFOptions = {}): Metric<string, readonly string[]> {
  checkOptions('chrf', options, CHRF_OPTIONS);
  const {charOrder = 6, wordOrder = 0, beta = 2, lowercase = false, whitespace = false, epsSmoothing = false} = options;
  const orders = charOrder + wordOrder;
  const factor = beta ** 2;

  function ngramsByOrder(sentence: string): Ngrams[] {
    const line = lowercase ? sentence.toLowerCase() : sentence;
    const split = splitWords(line);
    const characters = Array.from(whitespace ? line : split.join(''));
    const found: Ngrams[] = [];
    for (let n = 1; n <= charOrder; n++) found.push(count(characters, n, ''));
    if (wordOrder > 0) {
      const words = split.flatMap(splitPunctuation);
      for (let n = 1; n <= wordOrder; n++) found.push(count(words, n, ' '));
    }
    return found;
  }

  function aggregate(sum: ArrayLike<number>) {
    let [precisions, recalls, effective, scores] = [0, 0, 0, 0];
    for (let i = 0; i < orders; i++) {
      const [own, theirs, match] = [sum[3 * i], sum[3 * i + 1], sum[3 * i + 2]];
      const precision = own > 0 ? match / own : EPSILON;
      const recall = theirs > 0 ? match / theirs : EPSILON;
      const denominator = factor * precision + recall;
      scores += denominator > 0 ? ((1 + factor) * precision * recall) / denominator : EPSILON;
      if (own === 0 || theirs === 0) continue;
      precisions += precision;
      recalls += recall;
      effective++;
    }
    const precision = effective > 0 ? precisions / effective : 0;
    const recall = effective > 0 ? recalls / effective : 0;
    const details = {precision: 100 * precision, recall: 100 * recall};
    if (epsSmoothing) return {value: (100 * scores) / orders, details};
    if (precision + recall === 0) return {value: 0, details};
    return {value: 100 * (((1 + factor) * precision * recall) / (factor * precision + recall)), details};
  }

  return {
    name: `chrF${beta}${'+'.repeat(wordOrder)}`,
    higherIsBetter: true,
    size: 3 * orders,
    signature: (references) => ({
      ...countReferences(references),
      case: lowercase ? 'lc' : 'mixed',
      eff: epsSmoothing ? 'no' : 'yes',
      nc: charOrder,
      nw: wordOrder,
      space: whitespace ? 'yes' : 'no',
    }),
    statistics(prediction, references, row) {
      checkTexts(row, prediction, references);
      const own = ngramsByOrder(prediction);
      let best: number[] = [];
      let bestValue = -1;
      for (const reference of references) {
        const theirs = ngramsByOrder(reference);
        const statistics = own.flatMap((ngrams, order) => compare(ngrams, theirs[order]));
        const {value} = aggregate(statistics);
        if (value > bestValue) [best, bestValue] = [statistics, value];
      }
      return best;
    },
    aggregate,
  };
}

type Ngrams = Map<string, number>;

/** How many n-grams the one has, how many the other has, and how many they share. */
function compare(own: Ngrams, theirs: Ngrams): [number, number, number] {
  let match = 0;
  for (const [ngram, count] of own) match += Math.min(count, theirs.get(ngram) ?? 0);
  // A length that the reference is too short for does not count against the translation.
  return [theirs.size > 0 ? sumOf(own) : 0, sumOf(theirs), match];
}

function sumOf(ngrams: Ngrams): number {
  let sum = 0;
  for (const count of ngrams.values()) sum += count;
  return sum;
}

function count(units: readonly string[], n: number, glue: string): Ngrams {
  const found: Ngrams = new Map();
  for (let i = 0; i + n <= units.length; i++) {
    let ngram = units[i];
    for (let j = 1; j < n; j++) ngram += glue + units[i + j];
    found.set(ngram, (found.get(ngram) ?? 0) + 1);
  }
  return found;
}

/** One mark from the word's end or, where there is none, from its start: "(hi)" gives "(hi" and ")", as in sacrebleu. */
function splitPunctuation(word: string): string[] {
  if (word.length < 2) return [word];
  if (PUNCTUATION.has(word[word.length - 1])) return [word.slice(0, -1), word.slice(-1)];
  if (PUNCTUATION.has(word[0])) return [word.slice(0, 1), word.slice(1)];
  return [word];
}
