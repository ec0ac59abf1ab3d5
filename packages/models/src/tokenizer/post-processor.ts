import {anything, arrayOf, flag, isObject, type Kind, object, optional, show} from '@subset-tuning/checks';
import {partsOf, readPart, typeOf} from './part.js';
import {checkId} from './vocabulary.js';

/** What the tokenizer puts around every text. */
export interface Surroundings {
  before: readonly number[];
  after: readonly number[];
}

const TYPES = ['BertProcessing', 'ByteLevel', 'RobertaProcessing', 'TemplateProcessing'] as const;

/** Tokens that may be put around a text. */
const MOST_TOKENS = 1000;

/** @param size How many tokens the model knows: those around every text must be among them. */
export function readPostProcessor(name: string, json: unknown, size: number): Surroundings {
  const what = `${name}: post_processor`;
  if (json === null || json === undefined) return {before: [], after: []};
  const steps = partsOf(what, json, 'processors').flatMap(([each, part]) => readStep(name, each, part, size) ?? []);
  // The Python library panics at the first text.
  if (steps.length > 1) throw new Error(`${what} adds tokens ${steps.length} times, expected one part that does`);
  return steps[0] ?? {before: [], after: []};
}

function readStep(name: string, what: string, json: unknown, size: number): Surroundings | undefined {
  const type = typeOf(what, json, TYPES);
  switch (type) {
    case 'ByteLevel':
      readPart(what, json, BYTE_LEVEL);
      return undefined; // it moves offsets, which nobody asks for here
    case 'BertProcessing':
    case 'RobertaProcessing': {
      const {cls, sep} = readPart(what, json, type === 'BertProcessing' ? BERT : ROBERTA);
      const idOf = ([token, id]: unknown[]) => checkId(name, token, id, size);
      return {before: [idOf(cls as unknown[])], after: [idOf(sep as unknown[])]};
    }
    case 'TemplateProcessing': {
      const {single, special_tokens: tokens} = readPart(what, json, TEMPLATE);
      return readTemplate(name, what, single as unknown[], tokens as object, size);
    }
  }
}

const PAIR: Kind = {expected: 'a token and its id', is: (value) => Array.isArray(value) && value.length === 2};
const BYTE_LEVEL = {type: anything, add_prefix_space: optional(flag), trim_offsets: flag, use_regex: optional(flag)};
const BERT = {type: anything, cls: PAIR, sep: PAIR};
const ROBERTA = {...BERT, trim_offsets: flag, add_prefix_space: flag};
const TEMPLATE = {
  ...{type: anything, single: arrayOf(object(''), 'an array of {SpecialToken} and {Sequence}'), pair: anything},
  special_tokens: object('an object of tokens with their ids'),
};

/** The tokens before and after the one place of the text. */
function readTemplate(name: string, what: string, single: unknown[], tokens: object, size: number): Surroundings {
  const known = new Map<unknown, unknown>(Object.entries(tokens));
  const sides: number[][] = [[]];
  for (const [i, item] of single.entries()) {
    const {SpecialToken: special, Sequence: sequence} = item as Record<string, unknown>;
    if (isObject(sequence) && sequence.id === 'A' && special === undefined) sides.push([]);
    else if (isObject(special) && sequence === undefined) {
      for (const id of idsOf(what, special.id, known))
        sides[sides.length - 1].push(checkId(name, special.id, id, size));
    } else throw new Error(`${what}: single: ${i} is ${show(item)}, expected a special token or the sequence A`);
    if (sides.reduce((sum, side) => sum + side.length, sides.length) > MOST_TOKENS)
      throw new Error(`${what}: single has more than ${MOST_TOKENS} tokens, expected at most that`);
  }
  const [before, after] = sides;
  if (sides.length !== 2) throw new Error(`${what}: single has the text ${sides.length - 1} times, expected it once`);
  return {before, after};
}

function idsOf(what: string, token: unknown, tokens: ReadonlyMap<unknown, unknown>): unknown[] {
  const found = tokens.get(token);
  if (isObject(found) && Array.isArray(found.ids) && found.ids.length <= MOST_TOKENS) return found.ids;
  throw new Error(`${what}: special_tokens has no ids for ${show(token)}, which single names`);
}
