import {recall} from '../store.js';
import {BACKENDS, type BackendName} from '../worker/protocol.js';
import {formalPairs} from './formal-pairs.js';
import {load} from './load.js';
import {fastest, measureAll} from './measure-actions.js';
import {complain, cutOff, kept, measured, pairs, probes} from './state.js';

/** Sentences that address someone, none of which is taught. */
const PROBES = ['Are you tired?', 'What are you doing?', 'Where do you work?', 'Tom is sleeping.'];

/** Brings the page to life: what was kept, the sentences, the model. */
export async function begin(): Promise<void> {
  probes.value = PROBES;
  kept.value = (await recall('deltas')) ?? [];
  measured.value = (await recall('measured')) ?? {};
  cutOff.value = (await recall('run'))?.step;
  await loadPairs();
  const chosen = asked() ?? (await recall('backend'));
  const name = chosen ?? fastest(measured.value) ?? 'wasm';
  if (!(await load(name)) && name !== 'wasm') await load('wasm');
  if (chosen === undefined && Object.keys(measured.value).length === 0) await measureAll();
}

/** The backend that the address names: `?backend=webgl`. */
function asked(): BackendName | undefined {
  const name = new URLSearchParams(location.search).get('backend');
  return BACKENDS.find((backend) => backend === name);
}

async function loadPairs(): Promise<void> {
  try {
    pairs.value = (await recall('pairs')) ?? (await formalPairs());
  } catch (error) {
    complain('The sentences could not be loaded', error);
  }
}
