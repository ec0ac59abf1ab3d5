import type {Place} from './post-processor.js';

/** The tokens of a text or of two, with what each is. */
export interface Encoding {
  ids: number[];
  /** The kind of each token, as models with several kinds are told: for BERT 0 in the first text and 1 in the second. */
  tokenTypes: number[];
  /** Which text each token is of: 0 or 1, and null for what the tokenizer has put around them. */
  sequenceIds: (0 | 1 | null)[];
}

/** Puts the tokens of texts where a template has them. */
export function fillTemplate(
  places: readonly Place[],
  texts: readonly (readonly number[])[],
  special: boolean,
): Encoding {
  const encoding: Encoding = {ids: [], tokenTypes: [], sequenceIds: []};
  for (const place of places) {
    const isText = 'text' in place;
    if (!isText && !special) continue;
    for (const id of isText ? texts[place.text] : place.ids) {
      encoding.ids.push(id);
      encoding.tokenTypes.push(place.type);
      encoding.sequenceIds.push(isText ? place.text : null);
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
