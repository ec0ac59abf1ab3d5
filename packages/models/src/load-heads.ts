import {arrayOf, check, checkOptions, type Kinds, oneOf, optional, text, wholeNumber} from '@subset-tuning/checks';
import {fileName} from './file-name.js';
import type {Task} from './head.js';
import {FOLDER, LOAD_OPTIONS, type LoadOptions, makeVariables, readCheckpoint} from './load-model.js';
import {MaskedModel} from './masked-model.js';
import {MultipleChoiceModel} from './multiple-choice-model.js';
import {newWeight} from './new-weight.js';
import {readHeadPlan} from './read-head-plan.js';
import {readPlace} from './read-place.js';
import {PROBLEMS, type Problem, SequenceClassifier} from './sequence-classifier.js';
import {SpanExtractor} from './span-extractor.js';
import {withOpenFiles} from './with-open-files.js';

/** What the functions can be told that load a model with a head. */
export interface LoadHeadOptions extends LoadOptions {
  /**
   * `'new'`: the layer of the outputs is drawn anew, and what leads to it where the checkpoint lacks it, as transformers
   * does: from a normal distribution of the config's `initializer_range`. Default: the checkpoint's own head.
   */
  head?: 'new';
  /** What a new head is drawn by. The same seed gives the same head, on every backend. Default 0. */
  seed?: number;
}

/** What {@link loadClassifier} can be told. */
export interface LoadClassifierOptions extends LoadHeadOptions {
  /** What a text may be, for a new head. Default: the config's `id2label`. */
  labels?: readonly string[];
  /** What is asked of a text. Default: the config's `problem_type`, or else one of the labels; of one label, a number. */
  problem?: Problem;
}

const HEAD_OPTIONS: Kinds<LoadHeadOptions> = {
  ...LOAD_OPTIONS,
  ...{head: optional(oneOf(['new'])), seed: optional(wholeNumber(0, 2 ** 32 - 1))},
};
const CLASSIFIER_OPTIONS: Kinds<LoadClassifierOptions> = {
  ...HEAD_OPTIONS,
  labels: optional(arrayOf(text, 'an array of strings')),
  problem: optional(oneOf(PROBLEMS)),
};

/**
 * Loads a model that says which label a text has, from a folder: BERT or DistilBERT, or a decoder-only language model,
 * which reads the label off the last token.
 *
 * @param folder A URL or a path of a folder, as for `loadModel`.
 * @throws as `loadModel` does; where the checkpoint has no such head and none is asked for; where `labels` are given
 * without a new head.
 *
 * @example
 * ```ts no-run
 * import '@tensorflow/tfjs';
 * import {loadClassifier} from '@subset-tuning/models';
 *
 * const model = await loadClassifier('path or URL of distilbert-base-uncased-finetuned-sst-2-english');
 * console.log(await model.predict(['What a joy!'])); // [{labels: ['POSITIVE'], scores: …}]
 * model.dispose();
 * ```
 */
export async function loadClassifier(
  folder: string | URL,
  options: LoadClassifierOptions = {},
): Promise<SequenceClassifier> {
  checkOptions('loadClassifier', options, CLASSIFIER_OPTIONS);
  if (options.labels && options.head !== 'new') {
    throw new Error("loadClassifier: labels are given, expected head: 'new' with them");
  }
  return new SequenceClassifier(await loadHead('loadClassifier', folder, options, 'classification'));
}

/**
 * Loads a model that says which of some choices is right, from a folder: BERT or DistilBERT.
 *
 * @param folder A URL or a path of a folder, as for `loadModel`.
 * @throws as `loadModel` does, and where the checkpoint has no such head and none is asked for.
 */
export async function loadMultipleChoice(
  folder: string | URL,
  options: LoadHeadOptions = {},
): Promise<MultipleChoiceModel> {
  checkOptions('loadMultipleChoice', options, HEAD_OPTIONS);
  return new MultipleChoiceModel(await loadHead('loadMultipleChoice', folder, options, 'choice'));
}

/**
 * Loads a model that finds answers in a text, from a folder: BERT or DistilBERT.
 *
 * @param folder A URL or a path of a folder, as for `loadModel`.
 * @throws as `loadModel` does, and where the checkpoint has no such head and none is asked for.
 */
export async function loadSpanExtractor(folder: string | URL, options: LoadHeadOptions = {}): Promise<SpanExtractor> {
  checkOptions('loadSpanExtractor', options, HEAD_OPTIONS);
  return new SpanExtractor(await loadHead('loadSpanExtractor', folder, options, 'span'));
}

/**
 * Loads a model that says which token stands at a place, from a folder: BERT or DistilBERT as they were pretrained.
 *
 * @param folder A URL or a path of a folder, as for `loadModel`.
 * @throws as `loadModel` does, and where the checkpoint has no such head.
 */
export async function loadMaskedModel(folder: string | URL, options: LoadOptions = {}): Promise<MaskedModel> {
  checkOptions('loadMaskedModel', options, LOAD_OPTIONS);
  return new MaskedModel(await loadHead('loadMaskedModel', folder, options, 'masked'));
}

async function loadHead(what: string, folder: string | URL, options: LoadClassifierOptions, task: Task) {
  check(`${what}: folder`, folder, FOLDER);
  const {id = fileName(folder), scope, read = await readPlace(folder), seed = 0} = options;
  return withOpenFiles(read, async (read) => {
    const {architecture: plan, ...stored} = await readCheckpoint(read, (config) => readHeadPlan(config, task, options));
    const {architecture, head, labels, problem, all, range} = plan;
    const weights = new Map(
      Array.from(all, ([name, shape], at) => [
        name,
        // Each its own numbers. Below 2⁵³ they are other seeds for every seed that there is.
        stored.weights.get(name) ?? newWeight(name, shape, range, seed * 2 ** 16 + at),
      ]),
    );
    const {tokenizer} = stored;
    return {id, architecture, head, labels, problem, tokenizer, weights: await makeVariables(weights, scope)};
  });
}
