import {type Kinds, oneOf, optional, wholeNumber} from '@subset-tuning/checks';
import {encodeContinuation} from '../prompts/encode-continuation.js';
import type {ChoicePrompt, GenerationPrompt} from '../prompts/prompt.js';
import type {PairTokenizer} from '../translation-example.js';
import {makeView, type TrainingView, Unfit, VIEW_OPTIONS, type ViewOptions} from './training-view.js';
import {wantedTexts} from './wanted-texts.js';

/** A text as a causal model learns it: what it reads, what comes next at each place, and how much that counts. */
export interface CausalExample {
  inputs: number[];
  targets: number[];
  /** 1 where what is wanted comes next, and 0 within what is given. */
  weights: number[];
}

/** What `CausalModel.loss` of `@subset-tuning/models` takes: rows of one length. */
export interface CausalExamples {
  inputs: number[][];
  targets: number[][];
  weights: number[][];
}

/** What {@link causalView} must be told. */
export interface CausalViewOptions<Row extends object = object> extends ViewOptions<Row> {
  /**
   * The token that ends a text, `model.config.eosTokenIds[0]`: it is learnt after each target of a prompt for generation, so
   * that the model learns to stop. Of a choice it is no part. Default none.
   */
  endTokenId?: number;
  /** Whether of several right answers the first is learnt, as shots show it, or each. Default `first`. */
  right?: 'first' | 'all';
}

const OPTIONS: Kinds<CausalViewOptions> = {
  ...VIEW_OPTIONS,
  ...{endTokenId: optional(wholeNumber(0)), right: optional(oneOf(['first', 'all']))},
};

/**
 * A task's rows as a causal model learns them: the context is given, and the right choice, or the target, is what counts.
 * Tokens are those by which lm-evaluation-harness 0.4.13 asks how likely a continuation is. A context that is too long
 * loses its start where rows are cut, as there.
 *
 * In a chat (`render` gives `chat`) the texts have their special tokens already, and none is added.
 *
 * @throws where the prompt is of another kind, or a row does not fit: see {@link ViewOptions}. The error names the row.
 *
 * @example
 * ```ts
 * import {causalView, getTask} from '@subset-tuning/tasks';
 *
 * const tokenizer = {encode: (text: string) => [...text].map((letter) => letter.charCodeAt(0))};
 * const rows = [{question: 'is snow white', passage: 'Snow is white.', idx: 0, label: 1}];
 * const view = await causalView(getTask('boolq').prompts.causal, rows, tokenizer, {maxTokens: 1024});
 * const {inputs, targets, weights} = view.collate(view.examples); // what model.loss takes
 * String.fromCharCode(...targets[0].filter((_, at) => weights[0][at] > 0)); // ' yes'
 * ```
 */
export function causalView<Row extends object>(
  prompt: ChoicePrompt | GenerationPrompt,
  rows: readonly Row[],
  tokenizer: PairTokenizer,
  options: CausalViewOptions<Row>,
): Promise<TrainingView<CausalExample, CausalExamples>> {
  return makeView(
    'causalView',
    {prompt, rows, tokenizer, options},
    {
      kinds: ['choices', 'generation'],
      needs: 'encode',
      options: OPTIONS,
      encode(request, {inChat}) {
        const {maxTokens, tooLong, endTokenId, right} = options;
        const end = request.kind === 'generation' && endTokenId !== undefined ? [endTokenId] : [];
        let isCut = false;
        const examples = wantedTexts(request, right).map((wanted) => {
          const encoded = encodeContinuation(tokenizer, request.context, wanted, !inChat);
          const learnt = [...encoded.continuation, ...end];
          if (encoded.continuation.length === 0) throw new Unfit('unlabelled', 'what is to be learnt has no token');
          if (learnt.length > maxTokens) {
            throw new Unfit(
              'tooLong',
              `what is to be learnt has ${learnt.length} tokens, expected at most ${maxTokens}`,
            );
          }
          // The last token is learnt and not read.
          const room = maxTokens + 1 - learnt.length;
          const {length} = encoded.context;
          if (length === 0) throw new Error('the context has no token, expected one after which to learn');
          if (length > room && tooLong !== 'cut') {
            throw new Unfit(
              'tooLong',
              `it has ${length + learnt.length - 1} tokens, expected at most ${maxTokens}; tooLong: 'cut' leaves out the context's start`,
            );
          }
          isCut ||= length > room;
          return exampleOf(encoded.context.slice(Math.max(0, length - room)), learnt);
        });
        return {examples, isCut};
      },
      lengthOf: ({inputs}) => inputs.length,
      collate(examples) {
        const length = examples.reduce((most, {inputs}) => Math.max(most, inputs.length), 0);
        // On the right, where a causal model never looks, so that any token will do.
        const padded = (part: keyof CausalExample) =>
          examples.map((example) => [...example[part], ...new Array<number>(length - example[part].length).fill(0)]);
        return {inputs: padded('inputs'), targets: padded('targets'), weights: padded('weights')};
      },
    },
  );
}

function exampleOf(given: readonly number[], learnt: readonly number[]): CausalExample {
  const ids = [...given, ...learnt];
  return {
    inputs: ids.slice(0, -1),
    targets: ids.slice(1),
    weights: ids.slice(1).map((_, at) => Number(at + 1 >= given.length)),
  };
}
