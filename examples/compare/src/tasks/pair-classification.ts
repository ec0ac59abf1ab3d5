import {
  accuracy,
  type ClassifierExample,
  classifierView,
  type DataSet,
  dataSets,
  getTask,
  score,
} from '@subset-tuning/tasks';
import {loadNewClassifier} from '../models.js';
import type {ComparedTask} from './compared-task.js';
import {dataFolder} from './data-folder.js';
import {embeddingDrift} from './embedding-drift.js';
import {openRows} from './open-rows.js';
import {partAnew} from './part-anew.js';

/** Longer pairs are cut. */
const MAX_TOKENS = 256;

/** A task of SuperGLUE over two texts, by an encoder with a new head, of rows that are parted anew. */
export function pairClassification(name: 'boolq' | 'rte', folder: string): ComparedTask {
  const {prompts, labels = []} = getTask(name);
  const dataSet: DataSet<object> = dataSets[name];
  return {
    description: `${name} of SuperGLUE by an encoder with a new head; unrelated: how far embeddings of sentences turn`,
    metric: {name: 'accuracy', higherIsBetter: true},
    async open(named, data) {
      const parts = await partAnew(dataSet, dataFolder(data, folder));
      const model = await loadNewClassifier(named, labels);
      const {encoder} = prompts;
      if (encoder?.kind !== 'pair') throw new Error(`${name} has no prompt for two texts`);
      const view = (rows: readonly object[]) =>
        classifierView(encoder, rows, model.tokenizer, {maxTokens: MAX_TOKENS, tooLong: 'cut'});
      const {collate, lengthOf, examples} = await view(parts.train);
      const test = (await view(parts.test)).examples.toSorted((a, b) => lengthOf(a) - lengthOf(b));
      const atOnce = 32;
      const rows = openRows<ClassifierExample>({
        ...{model, lengthOf, train: examples, validation: (await view(parts.validation)).examples, test, atOnce},
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
