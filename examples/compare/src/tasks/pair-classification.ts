import {
  accuracy,
  type ClassifierExample,
  classifierView,
  type DataSet,
  dataSets,
  getTask,
  loadSplit,
  score,
  splitRows,
} from '@subset-tuning/tasks';
import {loadNewClassifier} from '../models.js';
import type {ComparedTask} from './compared-task.js';
import {dataFolder} from './data-folder.js';
import {embeddingDrift} from './embedding-drift.js';
import {openRows} from './open-rows.js';

/** Longer pairs are cut. */
const MAX_TOKENS = 256;
/** At most so many rows are tested on, and half as many are what learning rates are chosen by. */
const TEST_ROWS = 512;

/**
 * A task of SuperGLUE over two texts, by an encoder with a new head. All labelled rows, of the training and the validation
 * split, are parted anew: a quarter, or so many, is tested on, so that 32 training rows, as FewGLUE has, do. The numbers
 * compare methods with each other, and not with a leaderboard.
 */
export function pairClassification(name: 'boolq' | 'rte', folder: string): ComparedTask {
  const {prompts, labels = []} = getTask(name);
  const dataSet: DataSet<object> = dataSets[name];
  return {
    description: `${name} of SuperGLUE by an encoder with a new head; unrelated: how far embeddings of sentences turn`,
    metric: {name: 'accuracy', higherIsBetter: true},
    async open(named, data) {
      const place = dataFolder(data, folder);
      const all = [...(await loadSplit(dataSet, place, 'train')), ...(await loadSplit(dataSet, place, 'validation'))];
      const count = Math.min(TEST_ROWS, Math.floor(all.length / 4));
      const {train: others, heldOut: tested} = splitRows(all, count, 0);
      const {train, heldOut} = splitRows(others, Math.floor(count / 2), 0);
      const model = await loadNewClassifier(named, labels);
      const {encoder} = prompts;
      if (encoder?.kind !== 'pair') throw new Error(`${name} has no prompt for two texts`);
      const view = (rows: readonly object[]) =>
        classifierView(encoder, rows, model.tokenizer, {maxTokens: MAX_TOKENS, tooLong: 'cut'});
      const {collate, lengthOf, examples} = await view(train);
      const test = (await view(tested)).examples.toSorted((a, b) => lengthOf(a) - lengthOf(b));
      const atOnce = 32;
      const rows = openRows<ClassifierExample>({
        ...{model, lengthOf, train: examples, validation: (await view(heldOut)).examples, test, atOnce},
        weightOf: () => 1,
        loss: (some) => model.loss(collate(some)),
        async measure() {
          const said: string[] = [];
          for (let from = 0; from < test.length; from += atOnce) {
            const logits = model.logits(test.slice(from, from + atOnce).map(({input}) => input));
            const best = logits.argMax(1);
            for (const label of await best.data()) said.push(labels[label]);
            logits.dispose();
            best.dispose();
          }
          return {
            accuracy:
              100 *
              score(
                accuracy(),
                said,
                test.map(({label}) => labels[label]),
              ).value,
          };
        },
      });
      return {...rows, watchUnrelated: () => embeddingDrift(model)};
    },
  };
}
