import {client} from './current.js';
import {fingerprints} from './state.js';

/** Reads what the weights are now, as the seed that was just loaded, or beside it. */
export async function takeFingerprint(of: 'seed' | 'now'): Promise<void> {
  const now = await client().call((session) => session.fingerprint());
  fingerprints.value =
    now === undefined ? undefined : {seed: of === 'seed' ? now : (fingerprints.value?.seed ?? ''), now};
}
