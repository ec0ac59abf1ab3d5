import type {ChoicePrompt} from '../prompts/prompt.js';
import type {EncoderTokenizer, TypedTokens} from './classifier-view.js';
import {encodeAtMost} from './encode-at-most.js';
import {makeView, type TrainingView, Unfit, VIEW_OPTIONS, type ViewOptions} from './training-view.js';

/** A context with each of its choices, and the number of the right one. */
export interface MultipleChoiceExample {
  input: TypedTokens[];
  label: number;
}

/** What `MultipleChoiceModel.loss` of `@subset-tuning/models` takes; it does the padding. */
export interface MultipleChoiceExamples {
  inputs: TypedTokens[][];
  labels: number[];
}

/**
 * A task's rows as an encoder with a head for choices learns them, each choice behind the context. Of several right choices
 * the first is learnt. A batch wants rows of equally many choices.
 *
 * @throws where the prompt is of another kind, or a row does not fit: see {@link ViewOptions}. The error names the row.
 * `collate` throws where rows have unequally many choices.
 *
 * @example
 * ```ts no-run
 * import {loadMultipleChoice} from '@subset-tuning/models';
 * import {dataSets, getTask, loadSplit, multipleChoiceView} from '@subset-tuning/tasks';
 *
 * const model = await loadMultipleChoice('path or URL of all-MiniLM-L6-v2', {head: 'new'});
 * const {encoder} = getTask('copa').prompts;
 * const rows = await loadSplit(dataSets.copa, 'data/COPA', 'train');
 * if (encoder.kind === 'choices') {
 *   const view = await multipleChoiceView(encoder, rows, model.tokenizer, {maxTokens: model.config.maxPositions});
 *   model.loss(view.collate(view.examples.slice(0, 8)));
 * }
 * ```
 */
export function multipleChoiceView<Row extends object>(
  prompt: ChoicePrompt,
  rows: readonly Row[],
  tokenizer: Pick<EncoderTokenizer, 'encodePair'>,
  options: ViewOptions<Row>,
): Promise<TrainingView<MultipleChoiceExample, MultipleChoiceExamples>> {
  return makeView(
    'multipleChoiceView',
    {prompt, rows, tokenizer, options},
    {
      kinds: ['choices'],
      needs: 'encodePair',
      options: VIEW_OPTIONS,
      encode({context, choices, right}) {
        if (right.length === 0) throw new Unfit('unlabelled', 'it is not known which choice is right');
        const {maxTokens, tooLong} = options;
        const encoded = choices.map((choice) =>
          encodeAtMost(maxTokens, tooLong, (cut) => tokenizer.encodePair(context, choice, cut)),
        );
        return {
          examples: [{input: encoded.map(({tokens}) => tokens), label: right[0]}],
          isCut: encoded.some(({isCut}) => isCut),
        };
      },
      lengthOf: ({input}) => input.length * input.reduce((most, {ids}) => Math.max(most, ids.length), 0),
      collate(examples) {
        const other = examples.find(({input}) => input.length !== examples[0].input.length);
        if (other) {
          throw new Error(
            `collate: an example has ${other.input.length} choices, expected ${examples[0].input.length}, as the first`,
          );
        }
        return {inputs: examples.map(({input}) => input), labels: examples.map(({label}) => label)};
      },
    },
  );
}
