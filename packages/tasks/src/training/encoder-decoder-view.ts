import {type Kinds, oneOf, optional, wholeNumber} from '@subset-tuning/checks';
import type {GenerationPrompt} from '../prompts/prompt.js';
import {encodeAtMost} from './encode-at-most.js';
import {makeView, type TrainingView, Unfit, VIEW_OPTIONS, type ViewOptions} from './training-view.js';

/** What {@link encoderDecoderView} needs of a tokenizer: its own special tokens are added, such as the end of T5's texts. */
export interface CuttingTokenizer {
  /** `maxTokens`: cut at the end to so many tokens, special ones included. */
  encode(text: string, options?: {maxTokens?: number}): number[];
}

/** A text, and what is answered. */
export interface EncoderDecoderExample {
  input: number[];
  target: number[];
}

/** What `EncoderDecoderModel.loss` of `@subset-tuning/models` takes; it does the padding. */
export interface EncoderDecoderExamples {
  inputs: number[][];
  targets: number[][];
}

/** What {@link encoderDecoderView} must be told. */
export interface EncoderDecoderViewOptions<Row extends object = object> extends ViewOptions<Row> {
  /** At most so many tokens of a target. Default `maxTokens`. */
  maxTargetTokens?: number;
  /** Whether of several right answers the first is learnt, or each. Default `first`. */
  right?: 'first' | 'all';
}

const OPTIONS: Kinds<EncoderDecoderViewOptions> = {
  ...VIEW_OPTIONS,
  ...{maxTargetTokens: optional(wholeNumber(1)), right: optional(oneOf(['first', 'all']))},
};

/**
 * A task's rows as a model of encoder and decoder learns them: it reads the context and answers the target. An input that is
 * too long loses its end where rows are cut; a target never does.
 *
 * @throws where the prompt is of another kind, or a row does not fit: see {@link ViewOptions}. The error names the row.
 *
 * @example
 * ```ts no-run
 * import {loadEncoderDecoder} from '@subset-tuning/models';
 * import {dataSets, encoderDecoderView, getTask, loadSplit} from '@subset-tuning/tasks';
 *
 * const model = await loadEncoderDecoder('path or URL of flan-t5-small');
 * const rows = await loadSplit(dataSets.boolq, 'data/BoolQ', 'train');
 * const view = await encoderDecoderView(getTask('boolq').prompts.textToText, rows, model.tokenizer, {maxTokens: 512});
 * model.loss(view.collate(view.examples.slice(0, 4)));
 * ```
 */
export function encoderDecoderView<Row extends object>(
  prompt: GenerationPrompt,
  rows: readonly Row[],
  tokenizer: CuttingTokenizer,
  options: EncoderDecoderViewOptions<Row>,
): Promise<TrainingView<EncoderDecoderExample, EncoderDecoderExamples>> {
  return makeView(
    'encoderDecoderView',
    {prompt, rows, tokenizer, options},
    {
      kinds: ['generation'],
      needs: 'encode',
      options: OPTIONS,
      encode({context, targets}) {
        const {maxTokens, tooLong, maxTargetTokens = maxTokens, right} = options;
        if (targets.length === 0) throw new Unfit('unlabelled', 'it is not known what is right');
        const {tokens, isCut} = encodeAtMost(maxTokens, tooLong, (cut) => tokenizer.encode(context, cut));
        const examples = targets.slice(0, right === 'all' ? undefined : 1).map((text) => {
          const target = tokenizer.encode(text);
          if (target.length <= maxTargetTokens) return {input: tokens, target};
          throw new Unfit(
            'tooLong',
            `what is to be learnt has ${target.length} tokens, expected at most ${maxTargetTokens}`,
          );
        });
        return {examples, isCut};
      },
      lengthOf: ({input, target}) => input.length + target.length,
      collate: (examples) => ({
        inputs: examples.map(({input}) => input),
        targets: examples.map(({target}) => target),
      }),
    },
  );
}
