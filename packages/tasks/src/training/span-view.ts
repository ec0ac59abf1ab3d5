import {type Kinds, oneOf, optional, wholeNumber} from '@subset-tuning/checks';
import type {SpanPrompt} from '../prompts/prompt.js';
import type {SpanRequest} from '../prompts/render-prompt.js';
import {makeView, type TrainingView, Unfit} from './training-view.js';

/** What {@link spanView} needs of a tokenizer. */
export interface WindowTokenizer {
  /** As often as it takes the first text with the next part of the second. */
  encodeWindows(first: string, second: string, options: {maxTokens: number; stride?: number}): TextWindow[];
}

/** A part of a text with a question before it. */
export interface TextWindow {
  ids: number[];
  tokenTypes: number[];
  /** Which text each token is of; null for what stands around them. */
  sequenceIds: (0 | 1 | null)[];
  /** The code units of its text that each token stands for. */
  offsets: [start: number, end: number][];
}

/** A window, and the tokens that the answer begins and ends with: the first one where it is not all in this window. */
export interface SpanExample {
  ids: number[];
  tokenTypes: number[];
  start: number;
  end: number;
  /** The number of the row that it is of. */
  row: number;
}

/** What `SpanExtractor.loss` of `@subset-tuning/models` takes. */
export interface SpanExamples {
  inputs: {ids: number[]; tokenTypes: number[]}[];
  starts: number[];
  ends: number[];
}

/** What {@link spanView} must be told. */
export interface SpanViewOptions {
  /** At most so many tokens a window. A text is read in as many windows as it takes, so none is too long. */
  maxTokens: number;
  /** How many tokens of the text a window has in common with the next one. Default 128, or half a window. */
  stride?: number;
  /**
   * What becomes of a row without an answer: it is refused, left out, or teaches that there is none, as SQuAD 2.0 means it.
   * Default `refuse`.
   */
  unlabelled?: 'refuse' | 'leave out' | 'no answer';
}

const OPTIONS: Kinds<SpanViewOptions> = {
  maxTokens: wholeNumber(1),
  stride: optional(wholeNumber(0)),
  unlabelled: optional(oneOf(['refuse', 'leave out', 'no answer'])),
};

/**
 * Questions and texts as a span extractor learns them: each text in windows, with the tokens of its first answer, as
 * transformers' `run_qa.py` prepares them.
 *
 * @throws where the prompt is of another kind, a row has no answer or one that does not stand in its text, or a question
 * leaves no room for the text. The error names the row.
 *
 * @example
 * ```ts no-run
 * import {loadSpanExtractor} from '@subset-tuning/models';
 * import {dataSets, getTask, loadSplit, spanView} from '@subset-tuning/tasks';
 * import {batchesByTokens} from '@subset-tuning/trainer';
 *
 * const model = await loadSpanExtractor('path or URL of all-MiniLM-L6-v2', {head: 'new'});
 * const rows = await loadSplit(dataSets.squad, 'data/squad', 'train');
 * const view = await spanView(getTask('squad').prompts.encoder, rows, model.tokenizer, {maxTokens: 384});
 * const batches = batchesByTokens(view.examples, {tokens: 4096, seed: 1, lengthOf: view.lengthOf});
 * model.loss(view.collate(batches.next().value));
 * ```
 */
export function spanView<Row extends object>(
  prompt: SpanPrompt,
  rows: readonly Row[],
  tokenizer: WindowTokenizer,
  options: SpanViewOptions,
): Promise<TrainingView<SpanExample, SpanExamples>> {
  return makeView(
    'spanView',
    {prompt, rows, tokenizer, options},
    {
      kinds: ['span'],
      needs: 'encodeWindows',
      options: OPTIONS,
      encode({question, context, answers}, {row}) {
        const {maxTokens, stride = Math.min(Math.floor(maxTokens / 2), 128), unlabelled} = options;
        if (answers.length === 0 && unlabelled !== 'no answer') throw new Unfit('unlabelled', 'it has no answer');
        const windows = tokenizer.encodeWindows(question, context, {maxTokens, stride});
        return {
          examples: windows.map((window) => ({
            ids: window.ids,
            tokenTypes: window.tokenTypes,
            ...tokensOf(window, answers[0]),
            row,
          })),
        };
      },
      lengthOf: ({ids}) => ids.length,
      collate: (examples) => ({
        inputs: examples.map(({ids, tokenTypes}) => ({ids, tokenTypes})),
        starts: examples.map(({start}) => start),
        ends: examples.map(({end}) => end),
      }),
    },
  );
}

/** The tokens of an answer: of the second text, from the last that begins no later than it to the first that ends no earlier. */
function tokensOf(
  {sequenceIds, offsets}: TextWindow,
  answer: SpanRequest['answers'][number] | undefined,
): {start: number; end: number} {
  const first = sequenceIds.indexOf(1);
  const last = sequenceIds.lastIndexOf(1);
  const none = {start: 0, end: 0};
  if (!answer || first < 0 || offsets[first][0] > answer.start || offsets[last][1] < answer.end) return none;
  let start = first;
  while (start < last && offsets[start + 1][0] <= answer.start) start++;
  let end = last;
  while (end > first && offsets[end - 1][1] >= answer.end) end--;
  return {start, end};
}
