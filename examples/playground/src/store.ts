import type {SentencePair} from '@subset-tuning/tasks';
import {del, get, set} from 'idb-keyval';
import type {KeptDelta} from './page/state.js';
import type {BackendName, Checkpoint, CheckpointReport, HubSource, TrainingJob} from './worker/protocol.js';

/** What this browser keeps for the page from one visit to the next. */
export interface Kept {
  deltas: KeptDelta[];
  applied: string;
  pairs: SentencePair[];
  /**
   * The model of the hub that was loaded last, `isTried` while it is loaded anew and where that failed; others have no
   * address to be found again.
   */
  source: HubSource & {isTried?: boolean};
  /** Sentences that are watched while the model learns. */
  probes: string[];
  /** The backend that the reader chose. */
  backend: BackendName;
  /** How long a step took on each, in milliseconds, or why that is not known. */
  measured: Partial<Record<BackendName, number | string>>;
  /** A run of training that did not come to its end, and how far it came. */
  run: {model: string; job: TrainingJob} & CheckpointReport;
  /** What is kept of that run: the worker's own, since it is large. */
  checkpoint: Checkpoint;
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
