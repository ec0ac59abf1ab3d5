import {check, checkOptions, type Kinds, optional, text, wholeNumber} from '@subset-tuning/checks';
import {checkAnswers, strings} from './check-answers.js';

const CHAR_ORDER = 6;
/** β² of the F score: recall counts twice as much as precision. */
const BETA_SQUARED = 4;
const PUNCTUATION = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');
/** What Python's `str.split()` splits at: Unicode white space and the four ASCII information separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the separators are control characters
const SPACE = /[\p{White_Space}\x1c-\x1f]+/u;

/** Options of {@link corpusChrF} and {@link sentenceChrF}. */
export interface ChrFOptions {
  /** Longest word n-gram: 0 (the default) is chrF, 2 is chrF++. */
  wordOrder?: number;
}

const CHRF_OPTIONS: Kinds<ChrFOptions> = {wordOrder: optional(wholeNumber(0))};

/**
 * chrF of a corpus: the F₂ score of character n-grams up to 6 long, white space left out, from 0 to 100.
 *
 * The n-grams are counted over the whole corpus; of a sentence's references the one that alone scores best counts.
 * The same number as sacrebleu 2.6's `CHRF().corpus_score`, with its defaults.
 *
 * Sources: Popović, "chrF: character n-gram F-score for automatic MT evaluation" (WMT 2015) and "chrF++: words
 * helping character n-grams" (WMT 2017); `sacrebleu/metrics/chrf.py`.
 *
 * @param hypotheses one translation a sentence.
 * @param references for each hypothesis, the translations that it may equal; at least one.
 * @throws Error where the lengths differ, nothing is given, or a sentence has no reference.
 *
 * @example
 * ```ts
 * import {corpusChrF} from '@subset-tuning/tasks';
 * corpusChrF(['Ich war da.'], [['Ich war dort.', 'Ich war da.']]); // 100
 * ```
 */
export function corpusChrF(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  options: ChrFOptions = {},
): number {
  checkAnswers('corpusChrF', hypotheses, references);
  checkOptions('corpusChrF', options, CHRF_OPTIONS);
  const {wordOrder = 0} = options;
  const total = new Array<Counts>(CHAR_ORDER + wordOrder).fill(NO_COUNTS);
  hypotheses.forEach((hypothesis, i) => {
    bestCounts(hypothesis, references[i], wordOrder).forEach((counts, order) => {
      total[order] = add(total[order], counts);
    });
  });
  return fScore(total);
}

/**
 * chrF of one sentence, from 0 to 100: {@link corpusChrF} of a corpus of one, sacrebleu's `CHRF().sentence_score`.
 *
 * @throws Error where there is no reference.
 *
 * @example
 * ```ts
 * import {sentenceChrF} from '@subset-tuning/tasks';
 * sentenceChrF('Ich war da.', ['Ich war dort.'], {wordOrder: 2}); // chrF++
 * ```
 */
export function sentenceChrF(hypothesis: string, references: readonly string[], options: ChrFOptions = {}): number {
  check('sentenceChrF: hypothesis', hypothesis, text);
  check('sentenceChrF: references', references, strings);
  if (references.length === 0) throw new Error('sentenceChrF: the sentence has no reference, expected at least one');
  checkOptions('sentenceChrF', options, CHRF_OPTIONS);
  const {wordOrder = 0} = options;
  return fScore(bestCounts(hypothesis, references, wordOrder));
}

/** Of one n-gram order: how many the hypothesis has, how many the reference has, how many they share. */
interface Counts {
  hypothesis: number;
  reference: number;
  match: number;
}
const NO_COUNTS: Counts = {hypothesis: 0, reference: 0, match: 0};

function add(a: Counts, b: Counts): Counts {
  return {hypothesis: a.hypothesis + b.hypothesis, reference: a.reference + b.reference, match: a.match + b.match};
}

/** The counts, order by order, against the reference that scores best; the first one of equals. */
function bestCounts(hypothesis: string, references: readonly string[], wordOrder: number): Counts[] {
  const own = ngramsByOrder(hypothesis, wordOrder);
  let best: Counts[] = [];
  let bestScore = -1;
  for (const reference of references) {
    const theirs = ngramsByOrder(reference, wordOrder);
    const counts = own.map((ngrams, order) => compare(ngrams, theirs[order]));
    const score = fScore(counts);
    if (score > bestScore) [best, bestScore] = [counts, score];
  }
  return best;
}

type Ngrams = Map<string, number>;

function compare(own: Ngrams, theirs: Ngrams): Counts {
  let match = 0;
  for (const [ngram, count] of own) match += Math.min(count, theirs.get(ngram) ?? 0);
  // An order that the reference is too short for does not count against the hypothesis.
  return {hypothesis: theirs.size > 0 ? sum(own) : 0, reference: sum(theirs), match};
}

function sum(ngrams: Ngrams): number {
  let total = 0;
  for (const count of ngrams.values()) total += count;
  return total;
}

function ngramsByOrder(sentence: string, wordOrder: number): Ngrams[] {
  const split = sentence.split(SPACE).filter((word) => word !== '');
  const characters = Array.from(split.join(''));
  const orders: Ngrams[] = [];
  for (let n = 1; n <= CHAR_ORDER; n++) orders.push(ngrams(characters, n, ''));
  if (wordOrder > 0) {
    const words = split.flatMap(splitPunctuation);
    for (let n = 1; n <= wordOrder; n++) orders.push(ngrams(words, n, ' '));
  }
  return orders;
}

function ngrams(units: readonly string[], n: number, glue: string): Ngrams {
  const found: Ngrams = new Map();
  for (let i = 0; i + n <= units.length; i++) {
    const ngram = units.slice(i, i + n).join(glue);
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

/** F of the mean precision and the mean recall over the orders that both sides have ("effective order"). */
function fScore(orders: readonly Counts[]): number {
  let precision = 0;
  let recall = 0;
  let effective = 0;
  for (const {hypothesis, reference, match} of orders) {
    if (hypothesis === 0 || reference === 0) continue;
    precision += match / hypothesis;
    recall += match / reference;
    effective++;
  }
  if (effective > 0) {
    precision /= effective;
    recall /= effective;
  }
  if (precision + recall === 0) return 0;
  return 100 * (((1 + BETA_SQUARED) * precision * recall) / (BETA_SQUARED * precision + recall));
}
