import {
  arrayOf,
  callable,
  check,
  checkOptions,
  flag,
  isObject,
  type Kind,
  type Kinds,
  optional,
  show,
  text,
  wholeNumber,
} from '@subset-tuning/checks';
import {indexOfCodePoint} from '../data/code-points.js';
import {
  type ChoicePrompt,
  checkPrompt,
  type EachText,
  type GenerationPrompt,
  type PairPrompt,
  type Prompt,
  type SpanPrompt,
} from './prompt.js';
import {loadRenderer, type Render} from './template.js';

/** A message of a chat. */
export interface PromptMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** What {@link renderPrompt} can be told. */
export interface RenderOptions {
  /** Rows with labels that are shown before the one that is asked about, as {@link chooseShots} chooses them. */
  shots?: readonly object[];
  /** What a chat model is told at first. */
  system?: string;
  /**
   * Writes messages as a model's chat template does, up to where its answer begins:
   * `(messages) => model.applyChatTemplate(messages, {addGenerationPrompt: true})`. Without it the prompt is plain text.
   */
  chat?: (messages: PromptMessage[]) => string | Promise<string>;
  /** Whether in a chat each shot is a message with its answer; else all is one message. Default false. */
  shotsAsTurns?: boolean;
}

/** What a model is asked by a {@link ChoicePrompt}. */
export interface ChoiceRequest {
  kind: 'choices';
  context: string;
  /** What may follow, each with the delimiter before it: the model's text is context and choice, put together. */
  choices: string[];
  /** What each choice is called where a metric compares texts: the entry of {@link EachText}, or the choice. */
  names: string[];
  /** The numbers of the right choices; none where the row has no label. */
  right: number[];
}

/** What a model is asked by a {@link GenerationPrompt}. */
export interface GenerationRequest {
  kind: 'generation';
  context: string;
  /** What is right, without the delimiter; none where the row has no label. */
  targets: string[];
  /** Stands between the context and what is learnt, in training. */
  delimiter: string;
  until: string[];
}

/** What an encoder is asked by a {@link PairPrompt}. */
export interface PairRequest {
  kind: 'pair';
  first: string;
  second?: string;
  labels: string[];
  /** The label's number, where the row has one. */
  label?: number;
}

/** What an encoder is asked by a {@link SpanPrompt}. */
export interface SpanRequest {
  kind: 'span';
  question: string;
  context: string;
  /** Where right answers stand in the context, as JavaScript counts; none where it does not say. */
  answers: {text: string; start: number; end: number}[];
}

/** What a model is asked, by the kind of the prompt. */
export type PromptRequest<P extends Prompt = Prompt> = P extends ChoicePrompt
  ? ChoiceRequest
  : P extends GenerationPrompt
    ? GenerationRequest
    : P extends PairPrompt
      ? PairRequest
      : SpanRequest;

const ROW: Kind = {expected: 'an object', is: isObject};
const OPTIONS: Kinds<RenderOptions> = {
  shots: optional(arrayOf(ROW, 'an array of rows')),
  system: optional(text),
  chat: optional(callable),
  shotsAsTurns: optional(flag),
};

/**
 * What a model is asked about a row.
 *
 * Parts are joined as lm-evaluation-harness 0.4.13 joins them: each shot is its context, the delimiter, its right choice
 * or first target and the delimiter between shots; then comes the row's context. In a chat the choices have no delimiter.
 *
 * @throws where the prompt is none, a template does not render or asks for a field that the row has not, a shot has no
 * label, or an answer does not stand in its context.
 *
 * @example
 * ```ts
 * import {getTask, renderPrompt} from '@subset-tuning/tasks';
 * const {causal} = getTask('boolq').prompts;
 * const row = {question: 'is snow white', passage: 'Snow is white.', idx: 0, label: 1};
 * await renderPrompt(causal, row);
 * // {kind: 'choices', context: 'Snow is white.\nQuestion: is snow white?\nAnswer:', choices: [' no', ' yes'], right: [1], …}
 * ```
 */
export async function renderPrompt<P extends Prompt>(
  prompt: P,
  row: object,
  options: RenderOptions = {},
): Promise<PromptRequest<P>> {
  checkPrompt('renderPrompt', prompt);
  check('renderPrompt: row', row, ROW);
  checkOptions('renderPrompt', options, OPTIONS);
  const render = await loadRenderer();
  // The compiler does not see that each branch gives what belongs to the prompt's kind.
  return (await renderKind(prompt, row, options, render)) as PromptRequest<P>;
}

async function renderKind(prompt: Prompt, row: object, options: RenderOptions, render: Render): Promise<PromptRequest> {
  switch (prompt.kind) {
    case 'choices': {
      const {choices, names, right} = choicesOf(prompt, row, render);
      const delimiter = options.chat ? '' : (prompt.delimiter ?? ' ');
      const context = await contextOf(prompt, row, options, render);
      return {kind: 'choices', context, choices: choices.map((choice) => delimiter + choice), names, right};
    }
    case 'generation': {
      const {delimiter = ' ', until} = prompt;
      const targets = targetsOf(prompt, row, render);
      const context = await contextOf(prompt, row, options, render);
      return {kind: 'generation', context, targets, delimiter: options.chat ? '' : delimiter, until: [...until]};
    }
    case 'pair': {
      const {first, second, labels} = prompt;
      const label = numberOf(render(prompt.label, row), prompt.label, labels.length);
      return {
        ...{kind: 'pair', first: render(first, row), labels: [...labels]},
        ...(second === undefined ? {} : {second: render(second, row)}),
        ...(label === undefined ? {} : {label}),
      };
    }
    case 'span': {
      const context = render(prompt.context, row);
      return {kind: 'span', question: render(prompt.question, row), context, answers: spansOf(context, row)};
    }
  }
}

/** All that comes before the model's answer. */
async function contextOf(
  prompt: ChoicePrompt | GenerationPrompt,
  row: object,
  {shots = [], system, chat, shotsAsTurns = false}: RenderOptions,
  render: Render,
): Promise<string> {
  const {delimiter = ' ', shotDelimiter = '\n\n'} = prompt;
  const own = 'shots' in prompt ? prompt.shots : undefined;
  if (own && shots.length > 0) {
    throw new Error(
      `renderPrompt: shots are ${shots.length} rows, expected none: the prompt has ${own.length} of its own`,
    );
  }
  const turns =
    own ?? shots.map((shot, i) => ({context: render(prompt.context, shot), target: answerOf(prompt, shot, i, render)}));
  const last = render(prompt.context, row);
  const shown = turns.map(({context, target}) => context + delimiter + target + shotDelimiter).join('');
  if (!chat) return (system ?? '') + shown + last;
  const messages: PromptMessage[] = system === undefined ? [] : [{role: 'system', content: system}];
  if (!shotsAsTurns) return chat([...messages, {role: 'user', content: shown + last}]);
  for (const {context, target} of turns) {
    messages.push({role: 'user', content: context}, {role: 'assistant', content: target});
  }
  return chat([...messages, {role: 'user', content: last}]);
}

/** What a shot shows as its answer. */
function answerOf(prompt: ChoicePrompt | GenerationPrompt, shot: object, i: number, render: Render): string {
  let answer: string | undefined;
  if (prompt.kind === 'generation') answer = targetsOf(prompt, shot, render)[0];
  else {
    const {choices, right} = choicesOf(prompt, shot, render);
    answer = choices[right[0]];
  }
  if (answer === undefined) throw new Error(`renderPrompt: shot ${i} is ${show(shot)}, expected a row with a label`);
  return answer;
}

function choicesOf(
  {choices, right}: ChoicePrompt,
  row: object,
  render: Render,
): Omit<ChoiceRequest, 'kind' | 'context'> {
  if ('each' in choices) {
    const items = entriesOf(choices, row);
    const isRight = (item: unknown) => /^true$/i.test(render(right, {...row, item}));
    return {
      choices: items.map((item) => render(choices.text, {...row, item})),
      names: items.map(String),
      right: [...items.keys()].filter((i) => isRight(items[i])),
    };
  }
  const number = numberOf(render(right, row), right, choices.length);
  const texts = choices.map((choice) => render(choice, row));
  return {choices: texts, names: texts.map((choice) => choice.trim()), right: number === undefined ? [] : [number]};
}

function targetsOf({targets}: GenerationPrompt, row: object, render: Render): string[] {
  if (!('each' in targets)) return targets.map((target) => render(target, row)).filter((target) => target !== '');
  const items = entriesOf(targets, row);
  if (items.length === 0) return targets.none === undefined ? [] : [render(targets.none, row)];
  return items.map((item) => render(targets.text, {...row, item}));
}

function entriesOf({each}: EachText, row: object): unknown[] {
  const entries: unknown = Object.hasOwn(row, each) ? row[each as keyof typeof row] : undefined;
  if (!Array.isArray(entries))
    throw new Error(`renderPrompt: the row's ${each} is ${show(entries)}, expected an array`);
  return entries;
}

function numberOf(rendered: string, template: string, count: number): number | undefined {
  if (rendered.trim() === '') return undefined;
  const number = Number(rendered);
  if (Number.isInteger(number) && number >= 0 && number < count) return number;
  throw new Error(
    `renderPrompt: ${show(template)} renders as ${show(rendered)}, expected a number from 0 to ${count - 1}, or nothing`,
  );
}

/** Where the answers of a row of SQuAD stand in its context. */
function spansOf(context: string, row: object): SpanRequest['answers'] {
  const place = wholeNumber(0, context.length);
  return entriesOf({each: 'answers', text: ''}, row).map((answer) => {
    if (!isObject(answer) || !text.is(answer.text) || !place.is(answer.answer_start)) {
      throw new Error(`renderPrompt: an answer is ${show(answer)}, expected {text, answer_start}, ${place.expected}`);
    }
    const wanted = String(answer.text);
    const start = indexOfCodePoint(context, Number(answer.answer_start));
    if (context.startsWith(wanted, start)) return {text: wanted, start, end: start + wanted.length};
    throw new Error(`renderPrompt: the answer ${show(wanted)} does not stand in the context at ${answer.answer_start}`);
  });
}
