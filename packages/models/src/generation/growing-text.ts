import type {Tokenizer} from '../tokenizer.js';

/** What stands for bytes that are no character, or not yet. */
const UNFINISHED = '\ufffd';

/**
 * The text of tokens that come one by one, in whole characters: the bytes of one may be spread over several tokens.
 *
 * Only the last few tokens are decoded again for each that comes.
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
    const known = this.#tokenizer.decode(this.#ids.slice(this.#begin, this.#end));
    this.text += all.slice(known.length);
    this.#begin = this.#end;
    this.#end = this.#ids.length;
  }
}
