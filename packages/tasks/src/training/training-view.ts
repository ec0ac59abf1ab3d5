import {
  arrayOf,
  callable,
  check,
  checkOptions,
  isObject,
  type Kind,
  type Kinds,
  object,
  oneOf,
  optional,
  show,
  wholeNumber,
} from '@subset-tuning/checks';
import {checkPrompt, type Prompt} from '../prompts/prompt.js';
import {type PromptRequest, type RenderOptions, renderPrompt} from '../prompts/render-prompt.js';

/**
 * A task's rows as a model learns them: from the same prompts, by the same tokens, as it is asked in evaluation.
 *
 * @typeParam Example What is made of a row.
 * @typeParam Batch What a model's `loss` takes.
 */
export interface TrainingView<Example, Batch> {
  readonly examples: readonly Example[];
  /** The rows that no example was made of, by number, with why. */
  readonly leftOut: readonly LeftOutRow[];
  /** The numbers of the rows that were cut. */
  readonly cut: readonly number[];
  /** Tokens of an example: `batchesByTokens` of `@subset-tuning/trainer` asks for it. */
  lengthOf(example: Example): number;
  /** What some examples are to a model's `loss`. */
  collate(examples: readonly Example[]): Batch;
}

/** A row that no example was made of. */
export interface LeftOutRow {
  row: number;
  why: string;
}

/** What every view can be told. */
export interface ViewOptions<Row extends object = object> {
  /** At most so many tokens a row, as many as the model reads: `model.config.maxPositions`. */
  maxTokens: number;
  /**
   * What becomes of a row of more tokens: it is refused, left out, or cut as it is in evaluation. Default `refuse`. What is
   * to be learnt is never cut.
   */
  tooLong?: 'refuse' | 'cut' | 'leave out';
  /** What becomes of a row of which it is not known what is right. Default `refuse`. */
  unlabelled?: 'refuse' | 'leave out';
  /**
   * How a row is asked, where it has shots or is a chat's: what {@link renderPrompt} is told of it, such as
   * `(row, index) => ({shots: chooseShots(rows, {shots: 2, row, index})})`.
   */
  render?: (row: Row, index: number) => RenderOptions;
}

const WAYS = ['refuse', 'leave out'];

export const VIEW_OPTIONS: Kinds<ViewOptions> = {
  ...{maxTokens: wholeNumber(1), tooLong: optional(oneOf([...WAYS, 'cut'])), unlabelled: optional(oneOf(WAYS))},
  render: optional(callable),
};
const ROWS: Kind = arrayOf({expected: '', is: isObject}, 'an array of rows, each an object');

/** What {@link makeView} is given by whoever calls a view's function. */
interface Given<P extends Prompt, Row extends object> {
  prompt: P;
  rows: readonly Row[];
  tokenizer: object;
  options: Pick<ViewOptions<Row>, 'tooLong' | 'render'> & {unlabelled?: string};
}

/** How a view makes its examples. */
interface Plan<P extends Prompt, Example, Batch> extends Pick<TrainingView<Example, Batch>, 'lengthOf' | 'collate'> {
  /** The prompts that it takes. */
  kinds: readonly P['kind'][];
  /** What a tokenizer must have. */
  needs: string;
  options: Kinds<object>;
  /** @throws Unfit where nothing can be made of it. */
  encode(request: PromptRequest<P>, from: {row: number; inChat: boolean}): {examples: Example[]; isCut?: boolean};
}

/** Why no example can be made of a row, and the option that says what becomes of it. */
export class Unfit extends Error {
  readonly option: 'tooLong' | 'unlabelled';

  constructor(option: 'tooLong' | 'unlabelled', message: string) {
    super(message);
    this.option = option;
  }
}

/**
 * Makes a view of rows.
 *
 * @param name The function that it is made for, as errors call it.
 */
export async function makeView<P extends Prompt, Row extends object, Example, Batch>(
  name: string,
  {prompt, rows, tokenizer, options}: Given<P, Row>,
  {kinds, needs, encode, lengthOf, collate, ...plan}: Plan<P, Example, Batch>,
): Promise<TrainingView<Example, Batch>> {
  checkPrompt(name, prompt);
  check(`${name}: kind of the prompt`, prompt.kind, oneOf(kinds));
  check(`${name}: rows`, rows, ROWS);
  check(
    `${name}: tokenizer`,
    tokenizer,
    object(`an object with ${needs}, a function`, (each) => callable.is(each[needs])),
  );
  checkOptions<object>(name, options, plan.options);
  const {tooLong, unlabelled, render} = options;
  const examples: Example[] = [];
  const leftOut: LeftOutRow[] = [];
  const cut: number[] = [];
  for (const [row, fields] of rows.entries()) {
    try {
      const how = render?.(fields, row) ?? {};
      const request = await renderPrompt(prompt, fields, how);
      const made = encode(request, {row, inChat: how.chat !== undefined});
      for (const example of made.examples) examples.push(example);
      if (made.isCut) cut.push(row);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : show(cause);
      const isLeftOut = cause instanceof Unfit && {tooLong, unlabelled}[cause.option] === 'leave out';
      if (!isLeftOut) throw new Error(`${name}: row ${row}: ${why}`, {cause});
      leftOut.push({row, why});
    }
  }
  return {examples, leftOut, cut, lengthOf, collate};
}
