import type {CausalModel} from '@subset-tuning/models';
import {
  type CausalExample,
  causalView,
  type DataSet,
  dataSets,
  evaluate,
  GSM8K_PROMPTS,
  loadSplit,
  SUPER_GLUE_PROMPTS,
  sampleRows,
  splitRows,
} from '@subset-tuning/tasks';
import type {Scalar} from '@tensorflow/tfjs-core';
import {loadCausalModel} from '../models.js';
import type {ComparedTask} from './compared-task.js';
import {dataFolder} from './data-folder.js';
import {meanLoss, openRows} from './open-rows.js';
import {readPairs} from './read-pairs.js';

/** Longer rows are left out: a sixth of GSM8K's. */
const MAX_TOKENS = 256;
/** At most so many rows of the training split, and a quarter of it, are what learning rates are chosen by. */
const VALIDATION_ROWS = 32;
/** So many rows are measured at once. */
const AT_ONCE = 8;

/** Solutions of GSM8K by a language model: how likely they are, and whether its own are right. */
export const gsm8k: ComparedTask = {
  description: 'solutions of GSM8K; unrelated: English sentences',
  metric: {name: 'loss', higherIsBetter: false},
  open: (name, data) =>
    openLanguageTask(name, dataSets.gsm8k, dataFolder(data, 'gsm8k'), {
      prompt: GSM8K_PROMPTS.causal,
      tested: 'test',
      testRows: 64,
      async measure(model, place, loss) {
        const options = {data: place, shots: 0, limit: 16, batchSize: 16, maxTokens: 192};
        const {scores} = await evaluate(model, 'gsm8k', options);
        const share = (filter: string) => 100 * Number(scores.find((one) => one.filter === filter)?.value);
        return {loss, strict: share('strict-match'), flexible: share('flexible-extract')};
      },
    }),
};

/** RTE of SuperGLUE by a language model: which answer is likelier. */
export const rteLikelihood: ComparedTask = {
  description: 'RTE of SuperGLUE by likelihood; unrelated: English sentences',
  metric: {name: 'accuracy', higherIsBetter: true},
  open: (name, data) =>
    openLanguageTask(name, dataSets.rte, dataFolder(data, 'superglue/RTE'), {
      prompt: SUPER_GLUE_PROMPTS.rte.causal,
      tested: 'validation',
      testRows: 277,
      async measure(model, place) {
        const {scores} = await evaluate(model, 'rte', {data: place, batchSize: AT_ONCE});
        return {accuracy: 100 * Number(scores.find(({metric}) => metric === 'acc')?.value)};
      },
    }),
};

interface LanguageTask {
  prompt: Parameters<typeof causalView>[0];
  /** The split that has labels and is not trained on. */
  tested: string;
  testRows: number;
  measure(model: CausalModel, place: string, loss: number): Promise<Record<string, number>>;
}

async function openLanguageTask<Row extends object>(
  name: string,
  dataSet: DataSet<Row>,
  place: string,
  {prompt, tested, testRows, measure}: LanguageTask,
): ReturnType<ComparedTask['open']> {
  const labelled = await loadSplit(dataSet, place, 'train');
  const {train, heldOut} = splitRows(labelled, Math.min(VALIDATION_ROWS, Math.floor(labelled.length / 4)), 0);
  const all = await loadSplit(dataSet, place, tested);
  const model = await loadCausalModel(name);
  const [endTokenId] = model.config.eosTokenIds;
  const view = (rows: readonly Row[]) =>
    causalView<Row>(prompt, rows, model.tokenizer, {maxTokens: MAX_TOKENS, tooLong: 'leave out', endTokenId});
  const {collate, lengthOf, examples} = await view(train);
  const measured = {
    atOnce: AT_ONCE,
    lengthOf,
    weightOf: ({weights}: CausalExample) => weights.reduce((sum, weight) => sum + weight, 0),
    loss: (rows: readonly CausalExample[]): Scalar => model.loss(collate(rows)),
  };
  const open = openRows<CausalExample>({
    ...{model, train: examples, validation: (await view(heldOut)).examples, ...measured},
    test: (await view(sampleRows(all, Math.min(testRows, all.length), 0))).examples,
    measure: (loss) => measure(model, place, loss),
  });
  const sentences = [...new Set(readPairs('nobody-test').map(({source}) => source))].map((sentence): CausalExample => {
    const ids = [endTokenId, ...model.tokenizer.encode(sentence)];
    return {inputs: ids.slice(0, -1), targets: ids.slice(1), weights: ids.slice(1).map(() => 1)};
  });
  // They are short.
  return {...open, watchUnrelated: async () => () => meanLoss(sentences, {...measured, atOnce: 8 * AT_ONCE})};
}
