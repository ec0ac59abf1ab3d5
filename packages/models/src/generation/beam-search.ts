import {readAndDispose} from './choose-tokens.js';
import type {Pause} from './continue-rows.js';
import type {Decoding} from './decoding.js';

/** How beam search goes; names, defaults and rules are those of transformers. */
export interface BeamOptions {
  /** How many continuations of each prompt are followed at a time. */
  numBeams: number;
  /** A continuation's log likelihood is divided by its length to this power: above 0 favours long ones. */
  lengthPenalty: number;
  /**
   * When a prompt has an answer: `true`, as soon as `numBeams` continuations have ended; `false`, when none that goes on is
   * likelier at its length so far; `'never'`, when none can become likelier.
   */
  earlyStopping: boolean | 'never';
}

/** Says of the tokens of a continuation whether they end it. */
export type HasEnded = (ids: readonly number[]) => boolean;

interface Beam {
  ids: readonly number[];
  /** The log likelihood; of one that has ended, by its length. */
  score: number;
}

/**
 * The likeliest continuation of each row that beam search finds.
 *
 * @param endings For each row: how many tokens it may have, and when it has ended before.
 * @param endTokens How many tokens may end it.
 * @returns its tokens, with the one that ended it
 */
export async function searchBeams(
  decoding: Decoding,
  options: BeamOptions,
  endings: readonly {maxTokens: number; hasEnded: HasEnded}[],
  endTokens: number,
  pause: Pause,
): Promise<(readonly number[])[]> {
  const searches = endings.map((ending) => new BeamSearch(options, ending, endTokens));
  for (let logits = decoding.start(); ; ) {
    const size = logits.shape[1];
    const values = await readAndDispose<'float32'>(logits);
    await pause();
    const from: number[] = [];
    const tokens: number[] = [];
    let row = 0;
    for (const search of searches) {
      const rows = search.beams.length;
      for (const {beam, token} of search.step(values.subarray(row * size, (row + rows) * size))) {
        from.push(row + beam);
        tokens.push(token);
      }
      row += rows;
    }
    if (from.length === 0) return searches.map(({best}) => best);
    logits = decoding.next(from, tokens);
  }
}

/** The beam search of one row. */
class BeamSearch {
  /** What goes on, the likeliest first; nothing when the search is over. */
  beams: readonly Beam[] = [{ids: [], score: 0}];
  /** What has ended, the best first. */
  #ended: readonly Beam[] = [];
  readonly #options: BeamOptions;
  readonly #maxTokens: number;
  readonly #hasEnded: HasEnded;
  readonly #width: number;

  constructor(options: BeamOptions, {maxTokens, hasEnded}: {maxTokens: number; hasEnded: HasEnded}, endTokens: number) {
    this.#options = options;
    this.#maxTokens = maxTokens;
    this.#hasEnded = hasEnded;
    // So many that as many as there are beams go on, though each beam's likeliest tokens end it.
    this.#width = Math.max(2, 1 + endTokens) * options.numBeams;
  }

  get best(): readonly number[] {
    return this.#ended[0]?.ids ?? [];
  }

  /**
   * Takes the logits of each beam's next token, [beams, vocabulary].
   *
   * @returns which beam each of those that go on comes from, and its new token
   */
  step(logits: Float32Array): {beam: number; token: number}[] {
    if (this.beams.length === 0) return [];
    const {numBeams, lengthPenalty, earlyStopping} = this.#options;
    const length = this.beams[0].ids.length + 1;
    const grown = likeliest(this.beams, logits, this.#width).map(({beam, token, score}) => {
      const ids = [...this.beams[beam].ids, token];
      return {beam, token, score, ids, ends: length >= this.#maxTokens || this.#hasEnded(ids)};
    });
    const ended = grown.slice(0, numBeams).filter(({ends}) => ends);
    const byLength = ended.map(({ids, score}) => ({ids, score: score / length ** lengthPenalty}));
    this.#ended = [...this.#ended, ...byLength].sort((a, b) => b.score - a.score).slice(0, numBeams);

    const going = grown.filter(({ends}) => !ends).slice(0, numBeams);
    if (going.length === 0 || this.#isOver(going[0].score, length, earlyStopping)) {
      this.beams = [];
      return [];
    }
    this.beams = going;
    return going;
  }

  /** Whether what goes on with this score at most changes nothing any more. */
  #isOver(score: number, length: number, earlyStopping: BeamOptions['earlyStopping']): boolean {
    const {numBeams, lengthPenalty} = this.#options;
    if (this.#ended.length < numBeams) return false;
    if (earlyStopping === true) return true;
    const longest = earlyStopping === 'never' && lengthPenalty > 0 ? this.#maxTokens : length;
    return score / longest ** lengthPenalty <= this.#ended[numBeams - 1].score;
  }
}

/** The likeliest beams of one token more, the likeliest first. */
function likeliest(
  beams: readonly Beam[],
  logits: Float32Array,
  count: number,
): {beam: number; token: number; score: number}[] {
  const size = logits.length / beams.length;
  const found: {beam: number; token: number; score: number}[] = [];
  for (const [beam, {score: before}] of beams.entries()) {
    const row = logits.subarray(beam * size, (beam + 1) * size);
    const most = row.reduce((most, logit) => Math.max(most, logit), -Infinity);
    const sum = row.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
    if (!Number.isFinite(sum)) {
      throw new Error(`generate: the model gives a token a logit of ${most}, expected finite numbers`);
    }
    const offset = before - most - Math.log(sum);
    for (const [token, logit] of row.entries()) {
      const score = logit + offset;
      if (found.length === count && score <= found[count - 1].score) continue;
      let place = found.length;
      while (place > 0 && found[place - 1].score < score) place--;
      found.splice(place, 0, {beam, token, score});
      if (found.length > count) found.pop();
    }
  }
  return found;
}
