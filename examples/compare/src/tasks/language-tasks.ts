import type {CausalModel} from '@subset-tuning/models';
import {
  type CausalExample,
  causalView,
  dataSets,
  evaluate,
  GSM8K_PROMPTS,
  getTask,
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
import {partAnew, type RowParts} from './part-anew.js';
import {readPairs} from './read-pairs.js';
import {taskOfRows} from './task-of-rows.js';

/** Longer rows are left out: a sixth of GSM8K's. */
const MAX_TOKENS = 256;
/** Of GSM8K: at most so many rows of the training split, and a quarter of it, are what learning rates are chosen by. */
const VALIDATION_ROWS = 32;
/** Of GSM8K: so many of the test split are tested on. */
const TEST_ROWS = 64;
/** So many rows are measured at once. */
const AT_ONCE = 8;

/** Solutions of GSM8K by a language model: how likely they are, and whether its own are right. */
export const gsm8k: ComparedTask = {
  description: 'solutions of GSM8K; unrelated: English sentences',
  metric: {name: 'loss', higherIsBetter: false},
  async open(name, data) {
    const place = dataFolder(data, 'gsm8k');
    const labelled = await loadSplit(dataSets.gsm8k, place, 'train');
    const count = Math.min(VALIDATION_ROWS, Math.floor(labelled.length / 4));
    const {train, heldOut: validation} = splitRows(labelled, count, 0);
    const all = await loadSplit(dataSets.gsm8k, place, 'test');
    const test = sampleRows(all, Math.min(TEST_ROWS, all.length), 0);
    return openLanguageTask(name, {train, validation, test}, GSM8K_PROMPTS.causal, async (model, loss) => {
      const options = {data: place, shots: 0, limit: 16, batchSize: 16, maxTokens: 192};
      const {scores} = await evaluate(model, 'gsm8k', options);
      const share = (filter: string) => 100 * Number(scores.find((one) => one.filter === filter)?.value);
      return {loss, strict: share('strict-match'), flexible: share('flexible-extract')};
    });
  },
};

/** RTE of SuperGLUE by a language model: which answer is likelier. Rows are parted as an encoder has them. */
export const rteLikelihood: ComparedTask = {
  description: 'RTE of SuperGLUE by likelihood; unrelated: English sentences',
  metric: {name: 'accuracy', higherIsBetter: true},
  async open(name, data) {
    const place = dataFolder(data, 'superglue/RTE');
    const parts = await partAnew(dataSets.rte, place);
    const tested = taskOfRows(getTask('rte'), parts.test);
    return openLanguageTask(name, parts, SUPER_GLUE_PROMPTS.rte.causal, async (model) => {
      const {scores} = await evaluate(model, tested, {data: place, split: 'test', batchSize: AT_ONCE});
      return {accuracy: 100 * Number(scores.find(({metric}) => metric === 'acc')?.value)};
    });
  },
};

async function openLanguageTask<Row extends object>(
  name: string,
  {train, validation, test}: RowParts<Row>,
  prompt: Parameters<typeof causalView>[0],
  measure: (model: CausalModel, loss: number) => Promise<Record<string, number>>,
): ReturnType<ComparedTask['open']> {
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
    ...{model, train: examples, validation: (await view(validation)).examples, ...measured},
    test: (await view(test)).examples,
    measure: (loss) => measure(model, loss),
  });
  const sentences = [...new Set(readPairs('nobody-test').map(({source}) => source))].map((sentence): CausalExample => {
    const ids = [endTokenId, ...model.tokenizer.encode(sentence)];
    return {inputs: ids.slice(0, -1), targets: ids.slice(1), weights: ids.slice(1).map(() => 1)};
  });
  // They are short.
  return {...open, watchUnrelated: async () => () => meanLoss(sentences, {...measured, atOnce: 8 * AT_ONCE})};
}
