import {anything, arrayOf, flag, isObject, type Kind, object, optional, show} from '@subset-tuning/checks';
import {partsOf, readPart, typeOf} from './part.js';
import {checkId} from './vocabulary.js';

/** A place in a template: that of a text, the first or the second, or of special tokens. */
export type Place = ({text: 0 | 1} | {ids: readonly number[]}) & {
  /** The kind of all tokens that stand there. */
  type: number;
};

/** What the tokenizer makes of one text, and of two: where each stands, and what it puts around and between them. */
export interface Templates {
  single: readonly Place[];
  pair: readonly Place[];
  /** How white space is left out of the places of byte-level tokens. Without it: not at all. */
  trim?: Trim;
}

/** How white space is left out of places. */
export interface Trim {
  /** Whether a first space may be the tokenizer's own, put before the text. */
  hasPrefix: boolean;
}

const BARE: Templates = {single: [{text: 0, type: 0}], pair: [...texts(0, 1)]};
const TYPES = ['BertProcessing', 'ByteLevel', 'RobertaProcessing', 'TemplateProcessing'] as const;

/** Tokens that may be put around a text. */
const MOST_TOKENS = 1000;

/** @param size How many tokens the model knows: those around every text must be among them. */
export function readPostProcessor(name: string, json: unknown, size: number): Templates {
  const what = `${name}: post_processor`;
  if (json === null || json === undefined) return BARE;
  const steps = partsOf(what, json, 'processors').map(([each, part]) => readStep(name, each, part, size));
  const templates = steps.filter((step) => 'single' in step);
  // The Python library panics at the first text.
  if (templates.length > 1)
    throw new Error(`${what} adds tokens ${templates.length} times, expected one part that does`);
  const trims = steps.flatMap(({trim}) => trim ?? []);
  return {...(templates[0] ?? BARE), ...(trims.length > 0 && {trim: trims[0]})};
}

function readStep(name: string, what: string, json: unknown, size: number): Templates | Pick<Templates, 'trim'> {
  const type = typeOf(what, json, TYPES);
  switch (type) {
    case 'ByteLevel':
      return trimOf(readPart(what, json, BYTE_LEVEL));
    case 'BertProcessing':
    case 'RobertaProcessing': {
      const isBert = type === 'BertProcessing';
      const parts = readPart(what, json, isBert ? BERT : ROBERTA);
      const [cls, sep] = [parts.cls, parts.sep].map((pair) => {
        const [token, id] = pair as unknown[];
        return checkId(name, token, id, size);
      });
      const second = isBert ? 1 : 0; // Roberta knows one kind
      const [first, other] = texts(0, second);
      const single: Place[] = [{ids: [cls], type: 0}, first, {ids: [sep], type: 0}];
      const between: Place[] = isBert ? [] : [{ids: [sep], type: 0}];
      return {
        ...{single, pair: [...single, ...between, other, {ids: [sep], type: second}]},
        ...('trim_offsets' in parts && trimOf(parts)),
      };
    }
    case 'TemplateProcessing': {
      const {single, pair, special_tokens: tokens} = readPart(what, json, TEMPLATE);
      const known = new Map<unknown, unknown>(Object.entries(tokens as object));
      const idsOf = (field: string, token: unknown) =>
        specialIds(what, field, token, known).map((id) => checkId(name, token, id, size));
      return {
        single: readTemplate(what, 'single', single as unknown[], ['A'], idsOf),
        pair: readTemplate(what, 'pair', pair as unknown[], ['A', 'B'], idsOf),
      };
    }
  }
}

function texts(first: number, second: number): [Place, Place] {
  return [
    {text: 0, type: first},
    {text: 1, type: second},
  ];
}

function trimOf(parts: {trim_offsets?: unknown; add_prefix_space?: unknown}): {trim?: Trim} {
  return parts.trim_offsets ? {trim: {hasPrefix: parts.add_prefix_space !== false}} : {};
}

const PAIR: Kind = {expected: 'a token and its id', is: (value) => Array.isArray(value) && value.length === 2};
const PLACES: Kind = arrayOf(object(''), 'an array of {SpecialToken} and {Sequence}');
const BYTE_LEVEL = {type: anything, add_prefix_space: optional(flag), trim_offsets: flag, use_regex: optional(flag)};
const BERT = {type: anything, cls: PAIR, sep: PAIR};
const ROBERTA = {...BERT, trim_offsets: flag, add_prefix_space: flag};
const TEMPLATE = {
  ...{type: anything, single: PLACES, pair: PLACES},
  special_tokens: object('an object of tokens with their ids'),
};

/** The places of a template, in which each of these texts stands once. */
function readTemplate(
  what: string,
  field: string,
  items: unknown[],
  texts: string[],
  idsOf: (field: string, token: unknown) => number[],
): Place[] {
  const places: Place[] = [];
  let tokens = 0;
  for (const [i, item] of items.entries()) {
    const {SpecialToken: special, Sequence: sequence} = item as Record<string, unknown>;
    const part = special === undefined ? sequence : special;
    const both = special !== undefined && sequence !== undefined;
    const type = isObject(part) ? part.type_id : undefined;
    const at = isObject(sequence) ? texts.indexOf(String(sequence.id)) : -1;
    const isKnown = isObject(part) && (part === special || at >= 0) && typeof type === 'number' && type >= 0;
    if (both || !isKnown || !Number.isInteger(type)) {
      const expected = `a special token or the sequence ${texts.join(' or ')}`;
      throw new Error(`${what}: ${field}: ${i} is ${show(item)}, expected ${expected}`);
    }
    const place: Place = part === special ? {ids: idsOf(field, part.id), type} : {text: at === 0 ? 0 : 1, type};
    places.push(place);
    tokens += 'ids' in place ? 1 + place.ids.length : 1;
    if (tokens > MOST_TOKENS)
      throw new Error(`${what}: ${field} has more than ${MOST_TOKENS} tokens, expected at most that`);
  }
  for (const [at, text] of texts.entries()) {
    const times = places.filter((place) => 'text' in place && place.text === at).length;
    const called = texts.length === 1 ? 'the text' : `the text ${text}`;
    if (times !== 1) throw new Error(`${what}: ${field} has ${called} ${times} times, expected it once`);
  }
  return places;
}

function specialIds(what: string, field: string, token: unknown, tokens: ReadonlyMap<unknown, unknown>): unknown[] {
  const found = tokens.get(token);
  if (isObject(found) && Array.isArray(found.ids) && found.ids.length <= MOST_TOKENS) return found.ids;
  throw new Error(`${what}: special_tokens has no ids for ${show(token)}, which ${field} names`);
}
