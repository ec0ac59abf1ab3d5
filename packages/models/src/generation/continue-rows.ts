import type {ChooseTokens} from './choose-tokens.js';
import type {Decoding} from './decoding.js';

/** An answer, as far as the loop needs it. */
interface Growing {
  /** Takes a token. @returns whether the answer goes on */
  push(id: number): boolean;
}

/** What is done between two tokens. */
export type Pause = () => void | Promise<void>;

/**
 * Gives each row's answer one token after the other until it has enough; a row whose answer has ended is read no further.
 * Pauses after each token that all rows got.
 *
 * @param decoding The caller's to dispose of, however this ends.
 */
export async function* continueRows(
  decoding: Decoding,
  answers: readonly Growing[],
  choose: ChooseTokens,
  pause: Pause,
): AsyncGenerator<void, void, undefined> {
  let rows = [...answers.keys()];
  for (let logits = decoding.start(); ; ) {
    const tokens = await choose(logits, rows);
    await pause();
    const going = [...rows.keys()].filter((i) => answers[rows[i]].push(tokens[i]));
    yield;
    if (going.length === 0) return;
    rows = going.map((i) => rows[i]);
    logits = decoding.next(
      going,
      going.map((i) => tokens[i]),
    );
  }
}
