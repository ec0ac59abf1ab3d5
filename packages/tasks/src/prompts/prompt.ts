import {
  arrayOf,
  checkOptions,
  isObject,
  type Kind,
  type Kinds,
  oneOf,
  optional,
  show,
  text,
} from '@subset-tuning/checks';

// A prompt is data: it can be written as JSON, changed and put in another's place. Every text in it is a Jinja template
// that knows the row's fields by their names. The rules by which the parts are joined are those of
// lm-evaluation-harness, so that its templates give here what they give there.

/** A prompt for a model, of one of four kinds. */
export type Prompt = ChoicePrompt | GenerationPrompt | PairPrompt | SpanPrompt;

/** Of some continuations of a context the likeliest is the model's answer. */
export interface ChoicePrompt {
  kind: 'choices';
  context: string;
  /** What may follow: one template each, or one text for each entry of a field. */
  choices: readonly string[] | EachText;
  /**
   * The number of the right choice, from 0; empty where the row has no label. With {@link EachText}, whether `item` is
   * right: `true` or `True`.
   */
  right: string;
  /** Stands between context and choice. Default one space. */
  delimiter?: string;
  /** Stands after each shot. Default an empty line. */
  shotDelimiter?: string;
}

/** The model goes on from a context, and what it writes is the answer. */
export interface GenerationPrompt {
  kind: 'generation';
  context: string;
  /** What is right: one text for each template or each entry; the first is what shots show. Empty ones do not count. */
  targets: readonly string[] | EachText;
  /** At these texts the answer ends. */
  until: readonly string[];
  /** Stands between context and target in shots and in training. Default one space. */
  delimiter?: string;
  /** Stands after each shot. Default an empty line. */
  shotDelimiter?: string;
  /** Shots that stand in the prompt itself, in the place of rows of the training split. */
  shots?: readonly {context: string; target: string}[];
}

/** An encoder reads one text or two and gives a label. */
export interface PairPrompt {
  kind: 'pair';
  first: string;
  second?: string;
  labels: readonly string[];
  /** The label's number; empty where the row has none. */
  label: string;
}

/** An encoder reads a question and a context, and gives where in the context the answer stands. */
export interface SpanPrompt {
  kind: 'span';
  question: string;
  context: string;
}

/** A text for each entry of a field of the row, an array. The template knows the entry as `item`. */
export interface EachText {
  each: string;
  text: string;
  /** What there is instead where the array is empty. Default nothing. */
  none?: string;
}

const TEXTS: Kind = {
  expected: 'an array of texts, or {each, text}',
  is: (value) =>
    arrayOf(text, '').is(value) ||
    (isObject(value) && text.is(value.each) && text.is(value.text) && optional(text).is(value.none)),
};
const texts = arrayOf(text, 'an array of texts');
const SHOTS = arrayOf(
  {expected: '', is: (shot) => isObject(shot) && text.is(shot.context) && text.is(shot.target)},
  'an array of {context, target}',
);
const DELIMITERS = {delimiter: optional(text), shotDelimiter: optional(text)};
const CHOICES: Kinds<Omit<ChoicePrompt, 'kind'>> = {context: text, choices: TEXTS, right: text, ...DELIMITERS};
const GENERATION: Kinds<Omit<GenerationPrompt, 'kind'>> = {
  ...{context: text, targets: TEXTS, until: texts},
  ...DELIMITERS,
  shots: optional(SHOTS),
};
const PAIR: Kinds<Omit<PairPrompt, 'kind'>> = {first: text, second: optional(text), labels: texts, label: text};
const SPAN: Kinds<Omit<SpanPrompt, 'kind'>> = {question: text, context: text};
const KINDS = {choices: CHOICES, generation: GENERATION, pair: PAIR, span: SPAN};

/** Throws unless a prompt, which may come from a file, is one. */
export function checkPrompt(what: string, prompt: Prompt): void {
  const kind: Kind = oneOf(Object.keys(KINDS));
  if (!isObject(prompt) || !kind.is(prompt.kind)) {
    throw new Error(`${what}: prompt is ${show(prompt)}, expected an object with a kind, ${kind.expected}`);
  }
  checkOptions<object>(`${what}: prompt`, prompt, {kind, ...KINDS[prompt.kind]} as Kinds<object>);
}
