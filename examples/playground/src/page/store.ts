import type {SentencePair} from '@subset-tuning/tasks';
import {del, get, set} from 'idb-keyval';
import type {BackendName, Checkpoint, TrainingJob} from '../worker/protocol.js';
import type {KeptDelta} from './state.js';

/** What this browser keeps for the page from one visit to the next. */
interface Kept {
  deltas: KeptDelta[];
  applied: string;
  pairs: SentencePair[];
  backend: BackendName;
  measured: Partial<Record<BackendName, number | string>>;
  /** A run of training that did not come to its end. */
  run: {model: string; job: TrainingJob; checkpoint: Checkpoint};
}

/** What is kept, or undefined; a browser that keeps nothing for pages has nothing. */
export async function recall<Key extends keyof Kept>(key: Key): Promise<Kept[Key] | undefined> {
  return get<Kept[Key]>(key).catch(() => undefined);
}

export function keep<Key extends keyof Kept>(key: Key, value: Kept[Key]): Promise<void> {
  return set(key, value).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`this browser could not keep it (${reason}). Free some disk space, or leave private browsing.`);
  });
}

export async function forget(key: keyof Kept): Promise<void> {
  await del(key).catch(() => undefined);
}
