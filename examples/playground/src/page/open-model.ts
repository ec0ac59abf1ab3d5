import type {BackendName, Source} from '../worker/protocol.js';
import {load} from './load.js';
import {question} from './state.js';

/** Loads another model, and asks it what suits it. */
export async function openModel(name: BackendName, source: Source): Promise<boolean> {
  const before = question.value;
  question.value = source.kind === 'translator' ? 'Where do you live?' : 'What is the capital of France?';
  if (await load(name, source)) return true;
  question.value = before;
  return false;
}
