import type {CausalModel} from '@subset-tuning/models';
import {prompt} from '@subset-tuning/tasks';

/** How the seed was taught: English, `<de>`, German, `</s>`. */
export const FORMAT = {separator: '<de>', end: '</s>'} as const;

/** The longest answer, in tokens; the longest reference has fewer than half as many. */
const MOST_TOKENS = 48;

/** German for each English sentence. */
export function translate(model: CausalModel, english: readonly string[]): Promise<string[]> {
  return model.generate(
    english.map((sentence) => prompt(sentence, FORMAT)),
    {maxTokens: MOST_TOKENS, batchSize: 128},
  );
}
