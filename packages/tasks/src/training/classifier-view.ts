import type {PairPrompt} from '../prompts/prompt.js';
import {encodeAtMost} from './encode-at-most.js';
import {makeView, type TrainingView, Unfit, VIEW_OPTIONS, type ViewOptions} from './training-view.js';

/** What a classifier's view needs of a tokenizer. */
export interface EncoderTokenizer {
  /** `maxTokens`: cut to so many tokens, special ones included. */
  encode(text: string, options?: {maxTokens?: number}): number[];
  /** Two texts as one input; where they are too long, the longer one is cut first. */
  encodePair(first: string, second: string, options?: {maxTokens?: number}): TypedTokens;
}

/** Tokens of two texts, with the kind of each. */
export interface TypedTokens {
  ids: number[];
  tokenTypes: number[];
}

/** A text or two, and the number of the label. */
export interface ClassifierExample {
  input: TypedTokens;
  label: number;
}

/** What `SequenceClassifier.loss` of `@subset-tuning/models` takes; it does the padding. */
export interface ClassifierExamples {
  inputs: TypedTokens[];
  labels: number[];
}

/**
 * A task's rows as an encoder with a head for labels learns them. The model's labels must be the prompt's, in their order:
 * `loadClassifier(folder, {head: 'new', labels: prompt.labels})`. Rows that are too long are cut as `predict` cuts them.
 *
 * @throws where the prompt is of another kind, or a row does not fit: see {@link ViewOptions}. The error names the row.
 *
 * @example
 * ```ts no-run
 * import {loadClassifier} from '@subset-tuning/models';
 * import {classifierView, dataSets, getTask, loadSplit} from '@subset-tuning/tasks';
 *
 * const {labels} = getTask('rte');
 * const {encoder} = getTask('rte').prompts;
 * const model = await loadClassifier('path or URL of all-MiniLM-L6-v2', {head: 'new', labels});
 * const rows = await loadSplit(dataSets.rte, 'data/RTE', 'train');
 * if (encoder.kind === 'pair') {
 *   const view = await classifierView(encoder, rows, model.tokenizer, {maxTokens: model.config.maxPositions});
 *   model.loss(view.collate(view.examples.slice(0, 8)));
 * }
 * ```
 */
export function classifierView<Row extends object>(
  prompt: PairPrompt,
  rows: readonly Row[],
  tokenizer: EncoderTokenizer,
  options: ViewOptions<Row>,
): Promise<TrainingView<ClassifierExample, ClassifierExamples>> {
  return makeView(
    'classifierView',
    {prompt, rows, tokenizer, options},
    {
      kinds: ['pair'],
      needs: 'encodePair',
      options: VIEW_OPTIONS,
      encode({first, second, label}) {
        if (label === undefined) throw new Unfit('unlabelled', 'it has no label');
        const {maxTokens, tooLong} = options;
        const {tokens, isCut} = encodeAtMost(maxTokens, tooLong, (cut) =>
          second === undefined ? typed(tokenizer.encode(first, cut)) : tokenizer.encodePair(first, second, cut),
        );
        return {examples: [{input: tokens, label}], isCut};
      },
      lengthOf: ({input}) => input.ids.length,
      collate: (examples) => ({
        inputs: examples.map(({input}) => input),
        labels: examples.map(({label}) => label),
      }),
    },
  );
}

/** A text alone is all of the first kind. */
function typed(ids: number[]): TypedTokens {
  return {ids, tokenTypes: ids.map(() => 0)};
}
