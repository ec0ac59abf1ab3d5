import {forget, keep} from '../store.js';
import type {Places} from '../worker/protocol.js';
import {client} from './current.js';
import {formatBytes, formatMilliseconds} from './format.js';
import {answers, applied, complain, type KeptDelta, kept, lastChange, model, places} from './state.js';
import {takeFingerprint} from './take-fingerprint.js';
import {translate} from './translate-actions.js';

const MOST_BYTES = 1e9;

/** Keeps a delta that the model has already. */
export async function addDelta(file: Uint8Array, name: string, at: Places): Promise<void> {
  const changed = [...at.values()].reduce((sum, {length}) => sum + length, 0);
  const delta = {id: crypto.randomUUID(), name: numbered(name), file, base: model.value?.id ?? '', changed};
  await setKept([...kept.value, delta]);
  await markApplied(delta.id);
}

/** Applies a delta that is kept, in place of another. */
export async function apply(delta: KeptDelta): Promise<void> {
  try {
    const {milliseconds, places: at} = await client().call((session) => session.apply(delta.file));
    places.value = at;
    lastChange.value = `${delta.name} was applied in ${formatMilliseconds(milliseconds)}.`;
    await markApplied(delta.id);
    await translate();
  } catch (error) {
    await nothingApplied();
    complain(`${delta.name} was not applied, the model is the seed`, adviceFor(error));
  }
}

export async function revert(): Promise<void> {
  try {
    const milliseconds = await client().call((session) => session.revert());
    lastChange.value = `Reverted to the seed in ${formatMilliseconds(milliseconds)}, bit for bit.`;
    await nothingApplied();
    await takeFingerprint('now');
    await translate();
  } catch (error) {
    complain('The model was not reverted', error);
  }
}

/** Loads a delta from a file, and applies it. */
export async function takeFile(file: File): Promise<void> {
  if (file.size > MOST_BYTES) {
    const error = new Error(`the file has ${formatBytes(file.size)}, of at most ${formatBytes(MOST_BYTES)}`);
    complain(`${file.name} was not taken, all is as before`, error);
    return;
  }
  await takeDelta(new Uint8Array(await file.arrayBuffer()), file.name);
}

/** Applies a delta, and keeps it; or says why not. */
export async function takeDelta(bytes: Uint8Array, name: string): Promise<boolean> {
  try {
    const {milliseconds, changed, base, places: at} = await client().call((session) => session.apply(bytes));
    const delta = {id: crypto.randomUUID(), name: numbered(name), file: bytes, base, changed};
    places.value = at;
    lastChange.value = `${delta.name} was applied in ${formatMilliseconds(milliseconds)}.`;
    await setKept([...kept.value, delta]);
    await markApplied(delta.id);
    await translate();
    return true;
  } catch (error) {
    await restoreApplied();
    complain(`${name} was not taken, all is as before`, adviceFor(error));
    return false;
  }
}

export async function remove(delta: KeptDelta): Promise<void> {
  if (applied.value === delta.id) await revert();
  await setKept(kept.value.filter(({id}) => id !== delta.id));
}

/** Gives the reader a delta as a file. */
export function download({name, file}: KeptDelta): void {
  const address = URL.createObjectURL(new Blob([new Uint8Array(file)]));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name.replace(/\.delta\.safetensors$/, '').replace(/[^\p{L}\p{N}]+/gu, '-')}.delta.safetensors`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Puts the delta back that was applied, after the model was loaded anew or another was refused. */
export async function restoreApplied(id = applied.value): Promise<void> {
  const delta = kept.value.find((one) => one.id === id && one.base === model.value?.id);
  if (delta) {
    await apply(delta);
  } else {
    await nothingApplied();
    await translate();
  }
}

async function setKept(next: KeptDelta[]): Promise<void> {
  kept.value = next;
  await keep('deltas', next);
}

async function markApplied(id: string): Promise<void> {
  // What was said was another model's.
  answers.value = undefined;
  applied.value = id;
  await takeFingerprint('now');
  await keep('applied', id);
}

async function nothingApplied(): Promise<void> {
  answers.value = undefined;
  applied.value = undefined;
  places.value = new Map();
  await forget('applied');
}

function numbered(name: string): string {
  const names = new Set(kept.value.map((delta) => delta.name));
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? name : `${name} (${i})`;
    if (!names.has(candidate)) return candidate;
  }
}

function adviceFor(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (/seed|weight|model/.test(message)) {
    return new Error(`${message}. It belongs to another model: load that model first, or choose another delta.`);
  }
  return new Error(`${message}. Choose a file that this page or writeDelta has made.`);
}
