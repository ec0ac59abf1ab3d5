import type {Place} from './post-processor.js';

/** The tokens of a text or of two, with what each is. */
export interface Encoding {
  ids: number[];
  /** The kind of each token, as models with several kinds are told: for BERT 0 in the first text and 1 in the second. */
  tokenTypes: number[];
  /** Which text each token is of: 0 or 1, and null for what the tokenizer has put around them. */
  sequenceIds: (0 | 1 | null)[];
}

/** An encoding that knows where its tokens stand. */
export interface TracedEncoding extends Encoding {
  /**
   * The code units of its own text that each token stands for, `text.slice(start, end)`; [0, 0] for what the tokenizer has put
   * around texts. transformers' `return_offsets_mapping` says the same in characters, of which those beyond U+FFFF are two
   * code units.
   */
  offsets: [start: number, end: number][];
}

/** A token of a text, with the code units that it stands for. */
export interface Token {
  id: number;
  start: number;
  end: number;
  /** What stands there, of an added token, white space that it takes along included. */
  taken?: string;
}

/** Puts the tokens of texts where a template has them. */
export function fillTemplate(
  places: readonly Place[],
  texts: readonly (readonly Token[])[],
  special: boolean,
): TracedEncoding {
  const encoding: TracedEncoding = {ids: [], tokenTypes: [], sequenceIds: [], offsets: []};
  for (const place of places) {
    const isText = 'text' in place;
    if (!isText && !special) continue;
    for (const {id, start, end} of isText ? texts[place.text] : place.ids.map((id) => ({id, start: 0, end: 0}))) {
      encoding.ids.push(id);
      encoding.tokenTypes.push(place.type);
      encoding.sequenceIds.push(isText ? place.text : null);
      encoding.offsets.push([start, end]);
    }
  }
  return encoding;
}

/**
 * Texts, cut at their ends so that they have so many tokens together: of two the longer one first, as transformers'
 * `longest_first` does it.
 */
export function truncate<T>(texts: readonly (readonly T[])[], most: number): (readonly T[])[] {
  const total = texts.reduce((sum, {length}) => sum + length, 0);
  if (total <= most) return [...texts];
  if (texts.length === 1) return [texts[0].slice(0, most)];
  const [shorter, longer] = texts[0].length <= texts[1].length ? [0, 1] : [1, 0];
  const lengths = [0, 0];
  const rest = Math.max(texts[shorter].length, most - texts[shorter].length);
  const isShort = texts[shorter].length + rest <= most;
  lengths[shorter] = isShort ? texts[shorter].length : Math.floor(most / 2);
  lengths[longer] = isShort ? rest : Math.ceil(most / 2);
  return texts.map((text, i) => text.slice(0, lengths[i]));
}
