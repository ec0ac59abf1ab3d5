import type {Tokenizer} from '../tokenizer.js';
import {GrowingText} from './growing-text.js';

/** What ends an answer. */
export interface Ending {
  /** At most so many tokens. */
  maxTokens: number;
  /** Tokens that end it and are no part of it. */
  ids: readonly number[];
  /** Texts that end it and are no part of it. */
  texts: readonly string[];
}

/** An answer as it grows, token by token. */
export class Answer {
  readonly #tokenizer: Tokenizer;
  readonly #ending: Ending;
  readonly #ids: number[] = [];
  /** Kept where somebody looks at the text before its end. */
  readonly #growing: GrowingText | undefined;
  /** How much of the growing text is part of the answer and will not change. */
  #certain = 0;
  #taken = 0;

  constructor(tokenizer: Tokenizer, ending: Ending, isWatched: boolean) {
    this.#tokenizer = tokenizer;
    this.#ending = ending;
    if (isWatched || ending.texts.length > 0) this.#growing = new GrowingText(tokenizer);
  }

  /** Takes a token. @returns whether the answer goes on */
  push(id: number): boolean {
    const isEnd = this.#ending.ids.includes(id);
    if (!isEnd) this.#ids.push(id);
    const goesOn = !isEnd && this.#ids.length < this.#ending.maxTokens;
    return this.#growing ? this.#grow(this.#growing, isEnd ? undefined : id, goesOn) : goesOn;
  }

  /** What has come since the last call and stays. */
  take(): string {
    const text = this.#growing?.text.slice(this.#taken, this.#certain) ?? '';
    this.#taken = this.#certain;
    return text;
  }

  /** The whole answer, once it has ended. */
  get text(): string {
    return this.#growing?.text.slice(0, this.#certain) ?? this.#tokenizer.decode(this.#ids);
  }

  #grow(growing: GrowingText, id: number | undefined, goesOn: boolean): boolean {
    // A text that ends the answer begins at the earliest where its first characters may have come.
    const from = this.#certain;
    if (id !== undefined) growing.push(id);
    if (!goesOn) growing.finish();
    const end = firstEnd(growing.text, this.#ending.texts, from);
    this.#certain = end ?? growing.text.length - (goesOn ? startLength(growing.text, this.#ending.texts) : 0);
    return goesOn && end === undefined;
  }
}

/** Where the text begins that is the first to be complete, the longest of them; nothing where there is none. */
function firstEnd(text: string, ends: readonly string[], from: number): number | undefined {
  let first: {begin: number; end: number} | undefined;
  for (const {length, begin} of ends.map((end) => ({length: end.length, begin: text.indexOf(end, from)}))) {
    if (begin < 0) continue;
    const end = begin + length;
    if (!first || end < first.end || (end === first.end && begin < first.begin)) first = {begin, end};
  }
  return first?.begin;
}

/** How much of a text's end may be the beginning of one of these. */
function startLength(text: string, ends: readonly string[]): number {
  const longest = Math.max(0, ...ends.map(({length}) => length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const tail = text.slice(-length);
    if (ends.some((end) => end.startsWith(tail))) return length;
  }
  return 0;
}
