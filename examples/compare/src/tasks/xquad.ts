import {
  dataSets,
  getTask,
  loadSplit,
  type SpanExample,
  type SquadRow,
  score,
  spanView,
  splitRows,
  squad,
} from '@subset-tuning/tasks';
import {loadNewSpanExtractor} from '../models.js';
import type {ComparedTask} from './compared-task.js';
import {dataFolder} from './data-folder.js';
import {embeddingDrift} from './embedding-drift.js';
import {openRows} from './open-rows.js';

/** At most so many tokens of question and paragraph at once. */
const WINDOW = 256;

/** Answers to XQuAD's English questions, by an encoder with a new head; parted by paragraph. */
export const xquad: ComparedTask = {
  description:
    'XQuAD in English by an encoder with a new head for spans; unrelated: how far embeddings of sentences turn',
  metric: {name: 'F1', higherIsBetter: true},
  async open(name, data) {
    const all = await loadSplit(dataSets.xquad, dataFolder(data, 'xquad'), 'en');
    const paragraphs = [...new Set(all.map(({context}) => context))];
    const {train: learnt, heldOut: tested} = splitRows(paragraphs, 0.2, 0);
    const {train: trained, heldOut: validated} = splitRows(learnt, 0.125, 0);
    const about = (some: readonly string[]) => all.filter(({context}) => some.includes(context));
    const model = await loadNewSpanExtractor(name);
    const {encoder} = getTask('xquad').prompts;
    if (encoder?.kind !== 'span') throw new Error('xquad has no prompt for spans');
    const view = (rows: readonly SquadRow[]) => spanView(encoder, rows, model.tokenizer, {maxTokens: WINDOW});
    const {collate, lengthOf, examples} = await view(about(trained));
    const test = about(tested);
    const rows = openRows<SpanExample>({
      ...{model, lengthOf, train: examples, validation: (await view(about(validated))).examples},
      ...{test: (await view(test)).examples, atOnce: 16},
      weightOf: () => 1,
      loss: (some) => model.loss(collate(some)),
      async measure() {
        const answers: string[] = [];
        for (const {question, context} of test) {
          answers.push((await model.predict(question, context, {windowTokens: WINDOW})).text);
        }
        const {f1, exact} = score(
          squad(),
          answers,
          test.map((row) => row.answers.map(({text}) => text)),
        ).details;
        return {F1: Number(f1), exact: Number(exact)};
      },
    });
    return {...rows, watchUnrelated: () => embeddingDrift(model)};
  },
};
