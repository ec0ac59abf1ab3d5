import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {chrf, encodePair, formalShare, groupBySource, parseSentencePairs, prompt, score} from '@subset-tuning/tasks';
import type {ComparedTask} from './compared-task.js';

/** How the translator was taught: English, `<de>`, German, `</s>`. */
const FORMAT = {separator: '<de>', end: '</s>'} as const;
/** The longest answer, in tokens; the longest reference has fewer than half as many. */
const MOST_TOKENS = 48;

/** The slice of Tatoeba that the example of formal German has cut. */
function readPairs(name: string) {
  const file = fileURLToPath(new URL(`../../../formal-german/data/${name}.tsv`, import.meta.url));
  return parseSentencePairs(readFileSync(file, 'utf8'));
}

/** To address with "Sie", where the translator knows "du" and "ihr" only. Unrelated: sentences that address nobody. */
export const formalGerman: ComparedTask = {
  description: 'English to German that addresses formally; unrelated: sentences that address nobody',
  metric: {name: 'chrF', higherIsBetter: true},
  load({tokenizer}) {
    const encoded = (name: string) => readPairs(name).map((pair) => encodePair(pair, tokenizer, FORMAT));
    return {
      train: encoded('formal-train'),
      validation: encoded('formal-val'),
      test: encoded('formal-test'),
      unrelated: encoded('nobody-test'),
      async measure(model) {
        const groups = groupBySource(readPairs('formal-test'));
        const prompts = groups.map(({source}) => prompt(source, FORMAT));
        const translations = await model.generate(prompts, {maxTokens: MOST_TOKENS, batchSize: 128});
        const references = groups.map((group) => group.references);
        return {chrF: score(chrf(), translations, references).value, formal: formalShare(translations)};
      },
    };
  },
};
