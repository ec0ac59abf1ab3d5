import type {Tokenizer} from '../tokenizer.js';

/** What stands for bytes that are no character, or not yet. */
const UNFINISHED = '\ufffd';

/**
 * The text of tokens that come one by one, in whole characters: the bytes of one may be spread over several tokens.
 *
 * Only the last few tokens are decoded again for each that comes. Where a tokenizer has tokens of single bytes and they make
 * no character, `decode` takes even those before them for none; here they stay.
 */
export class GrowingText {
  /** The text of all whole characters so far. */
  text = '';
  readonly #tokenizer: Pick<Tokenizer, 'decode'>;
  readonly #ids: number[] = [];
  // The tokens from `#begin` to `#end` are those that the next one's text is told from: a decoder may look at a
  // token's neighbour, and drop the space before the first.
  #begin = 0;
  #end = 0;
  /** What those decode to. */
  #known = '';

  constructor(tokenizer: Pick<Tokenizer, 'decode'>) {
    this.#tokenizer = tokenizer;
  }

  push(id: number): void {
    this.#ids.push(id);
    const all = this.#tokenizer.decode(this.#ids.slice(this.#begin));
    if (!all.endsWith(UNFINISHED)) this.#add(all);
  }

  /** Adds what has come of a character that will not be finished, as `decode` writes it. */
  finish(): void {
    this.#add(this.#tokenizer.decode(this.#ids.slice(this.#begin)));
  }

  #add(all: string): void {
    this.text += all.slice(this.#known.length);
    const added = this.#tokenizer.decode(this.#ids.slice(this.#end));
    this.#known = added === '' ? all : added;
    if (added !== '') this.#begin = this.#end;
    this.#end = this.#ids.length;
  }
}
