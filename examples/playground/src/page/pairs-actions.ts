import {parseSentencePairs, type SentencePair} from '@subset-tuning/tasks';
import {forget} from '../store.js';
import {formalPairs} from './formal-pairs.js';
import {formatBytes, formatCount} from './format.js';
import {forgetLater, keepLater} from './keep-later.js';
import {complain, pairs, say} from './state.js';

const MOST_BYTES = 4e6;
const MOST_PAIRS = 20_000;

/** Puts other pairs into the table, and keeps them. */
export function setPairs(next: SentencePair[]): void {
  pairs.value = next;
  keepLater('pairs', next);
}

/** Takes tab-separated pairs into the table, before those that are there or in their place; or says what is wrong. */
export function takeText(text: string, how: 'add' | 'replace'): boolean {
  try {
    const added = parseSentencePairs(text);
    const next = how === 'add' ? [...added, ...pairs.value] : added;
    if (added.length === 0) throw new Error('there is none');
    if (next.length > MOST_PAIRS) {
      throw new Error(`the table would have ${formatCount(next.length)} pairs, of at most ${formatCount(MOST_PAIRS)}`);
    }
    setPairs(next);
    say(`${formatCount(added.length)} pairs were taken.`);
    return true;
  } catch (error) {
    complain(
      'The pairs were not taken, the table is as before. Each line needs a sentence, a tab and its answer',
      error,
    );
    return false;
  }
}

export async function takeFile(file: File): Promise<void> {
  if (file.size > MOST_BYTES) {
    const error = new Error(`${file.name} has ${formatBytes(file.size)}, of at most ${formatBytes(MOST_BYTES)}`);
    complain('The pairs were not taken, the table is as before', error);
    return;
  }
  takeText(await file.text(), 'replace');
}

/** Puts the pairs back that the page came with. */
export async function restorePairs(): Promise<void> {
  try {
    forgetLater('pairs');
    pairs.value = await formalPairs();
    await forget('pairs');
  } catch (error) {
    complain('The sentences could not be loaded', error);
  }
}
