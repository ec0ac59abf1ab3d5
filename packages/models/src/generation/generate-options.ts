import {
  abortSignal,
  arrayOf,
  checkOptions,
  flag,
  type Kinds,
  number,
  optional,
  show,
  text,
  wholeNumber,
} from '@subset-tuning/checks';

/** What generation can be told. */
export interface GenerateOptions {
  /** At most so many tokens a prompt. Default 64. */
  maxTokens?: number;
  /** Tokens that end an answer and are no part of it. Default: the model's own, `config.eosTokenIds`. */
  stop?: readonly number[];
  /** Texts that end an answer and are no part of it. Default: none. */
  stopTexts?: readonly string[];
  /**
   * Whether prompts get the tokens that the tokenizer puts around every text; not where a chat template has put them
   * there. Default true.
   */
  addSpecialTokens?: boolean;
  /** At most so many prompts at a time. Default 64. */
  batchSize?: number;
  /**
   * Draws each token as likely as it is, where any of `temperature`, `topK`, `topP` and `seed` is given. Logits are
   * divided by the temperature first: above 1 the unlikely gets likelier, below 1 the likely does, and 0 takes the
   * likeliest token, whatever the others say. Default 1, or 0 where none of them is given.
   */
  temperature?: number;
  /** Only so many of the likeliest tokens are drawn from. Default: all. */
  topK?: number;
  /** Only the fewest of the likeliest tokens that together are at least so likely are drawn from. Default 1. */
  topP?: number;
  /**
   * The same seed draws the same answer for the same place among the prompts, whatever the other prompts and the
   * `batchSize` are, up to the rounding of a backend. Default: another one at each call.
   */
  seed?: number;
  /** Ends generation with an error, the signal's reason. */
  signal?: AbortSignal;
  /**
   * Beam search: so many continuations of each prompt are followed at a time, and the likeliest as a whole is the answer.
   * Each takes as much room as a prompt of a batch. Default 1, no beam search.
   */
  numBeams?: number;
  /** Of beam search: a log likelihood is divided by the length to this power, above 0 favours long answers. Default 1. */
  lengthPenalty?: number;
  /**
   * Of beam search, when the answer is found: `true`, as soon as `numBeams` continuations have ended; `false`, when none
   * that goes on is likelier at its length so far; `'never'`, when none can become likelier. Default false.
   */
  earlyStopping?: boolean | 'never';
}

/** The options of one answer that comes piece by piece. */
export type StreamOptions = Omit<GenerateOptions, 'batchSize' | 'numBeams' | 'lengthPenalty' | 'earlyStopping'>;

const STREAM_OPTIONS: Kinds<StreamOptions> = {
  maxTokens: optional(wholeNumber(1)),
  stop: optional(arrayOf(wholeNumber(0), 'an array of token ids')),
  stopTexts: optional(
    arrayOf({expected: '', is: (value) => text.is(value) && value !== ''}, 'an array of strings, none of them empty'),
  ),
  addSpecialTokens: optional(flag),
  temperature: optional(number('a number of at least 0', (temperature) => temperature >= 0)),
  topK: optional(wholeNumber(1)),
  topP: optional(number('a number above 0 and at most 1', (share) => share > 0 && share <= 1)),
  seed: optional(wholeNumber(0)),
  signal: optional(abortSignal),
};
const GENERATE_OPTIONS: Kinds<GenerateOptions> = {
  ...STREAM_OPTIONS,
  batchSize: optional(wholeNumber(1)),
  numBeams: optional(wholeNumber(1)),
  lengthPenalty: optional(number('a finite number')),
  earlyStopping: optional({
    expected: "true, false or 'never'",
    is: (value) => typeof value === 'boolean' || value === 'never',
  }),
};

export function checkGenerateOptions(options: GenerateOptions): void {
  checkOptions('generate', options, GENERATE_OPTIONS);
  const {numBeams = 1, temperature, topK, topP, seed, lengthPenalty, earlyStopping} = options;
  if (numBeams > 1 && isDrawn(options)) {
    refuse({temperature, topK, topP, seed}, `no numBeams (${numBeams}) beside it`);
  }
  if (numBeams === 1) refuse({lengthPenalty, earlyStopping}, 'numBeams of at least 2 with it');
}

/** Refuses the first option that is given. */
function refuse(options: Record<string, unknown>, expected: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) throw new Error(`generate: ${name} is ${show(value)}, expected ${expected}`);
  }
}

export function checkStreamOptions(options: StreamOptions): void {
  checkOptions('stream', options, STREAM_OPTIONS);
}

/** Whether tokens are drawn, not the likeliest taken. */
export function isDrawn({temperature, topK, topP, seed}: StreamOptions): boolean {
  return [temperature, topK, topP, seed].some((option) => option !== undefined) && temperature !== 0;
}
