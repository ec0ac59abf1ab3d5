import {collate, type Example} from '@subset-tuning/models';
import {chrf, encodePair, formalShare, groupBySource, prompt, score} from '@subset-tuning/tasks';
import {loadCausalModel} from '../models.js';
import type {ComparedTask} from './compared-task.js';
import {meanLoss, openRows} from './open-rows.js';
import {readPairs} from './read-pairs.js';

/** How the translator was taught: English, `<de>`, German, `</s>`. */
const FORMAT = {separator: '<de>', end: '</s>'} as const;
/** The longest answer, in tokens; the longest reference has fewer than half as many. */
const MOST_TOKENS = 48;

/** To address with "Sie", where the translator knows "du" and "ihr" only. Unrelated: sentences that address nobody. */
export const formalGerman: ComparedTask = {
  description: 'English to German that addresses formally; unrelated: sentences that address nobody',
  metric: {name: 'chrF', higherIsBetter: true},
  async open(name) {
    const model = await loadCausalModel(name);
    const encoded = (file: string) => readPairs(file).map((pair) => encodePair(pair, model.tokenizer, FORMAT));
    const measured = {
      lengthOf: ({ids}: Example) => ids.length,
      loss: (rows: readonly Example[]) => model.loss(collate(rows)),
      weightOf: ({ids, sourceLength}: Example) => ids.length - sourceLength,
      atOnce: 64,
    };
    const rows = openRows<Example>({
      ...{model, ...measured},
      train: encoded('formal-train'),
      validation: encoded('formal-val'),
      test: encoded('formal-test'),
      async measure() {
        const groups = groupBySource(readPairs('formal-test'));
        const prompts = groups.map(({source}) => prompt(source, FORMAT));
        const translations = await model.generate(prompts, {maxTokens: MOST_TOKENS, batchSize: 128});
        const references = groups.map((group) => group.references);
        return {chrF: score(chrf(), translations, references).value, formal: formalShare(translations)};
      },
    });
    return {...rows, watchUnrelated: async () => () => meanLoss(encoded('nobody-test'), measured)};
  },
};
