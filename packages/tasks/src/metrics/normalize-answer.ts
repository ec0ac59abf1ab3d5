import {splitWords} from './white-space.js';

/** Python's `\b(a|an|the)\b`, whose words are of Unicode's letters and digits. */
const ARTICLE = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/** The text without ASCII punctuation, Python's `string.punctuation`. */
export function removePunctuation(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '');
}

/** The words of an answer in lower case, without ASCII punctuation and English articles, as SQuAD's scripts have it. */
export function answerWords(answer: string): string[] {
  return splitWords(removePunctuation(answer.toLowerCase()).replace(ARTICLE, ' '));
}

/** How two answers agree: whether their words are the same, and the F1 score of the words that they share. */
export interface Agreement {
  readonly exact: number;
  readonly f1: number;
}

/** The best agreement with any of the right answers, each of the two numbers by itself. */
export function bestAgreement(answer: string, rightAnswers: readonly string[]): Agreement {
  const words = answerWords(answer);
  let [exact, f1] = [0, 0];
  for (const right of rightAnswers) {
    const theirs = answerWords(right);
    exact = Math.max(exact, words.join(' ') === theirs.join(' ') ? 1 : 0);
    f1 = Math.max(f1, wordF1(words, theirs));
  }
  return {exact, f1};
}

/** F1 of the words as bags; zero where none is shared. */
function wordF1(words: readonly string[], theirs: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of theirs) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of words) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    shared++;
  }
  if (shared === 0) return 0;
  const precision = shared / words.length;
  const recall = shared / theirs.length;
  return (2 * precision * recall) / (precision + recall);
}
