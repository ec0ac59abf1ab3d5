import {forget, keep, recall} from '../store.js';
import {BACKENDS, type BackendName} from '../worker/protocol.js';
import {formalPairs} from './formal-pairs.js';
import {load} from './load.js';
import {fastest, measureAll} from './measure-actions.js';
import {openModel} from './open-model.js';
import {complain, cutOff, kept, measured, pairs, probes, tokensPerStep} from './state.js';

/** Sentences that address someone, none of which is taught. */
const PROBES = ['Are you tired?', 'What are you doing?', 'Where do you work?', 'Tom is sleeping.'];

/** Brings the page to life: what was kept, the sentences, the model. */
export async function begin(): Promise<void> {
  probes.value = (await recall('probes')) ?? PROBES;
  kept.value = (await recall('deltas')) ?? [];
  measured.value = (await recall('measured')) ?? {};
  await recallRun();
  await loadPairs();
  const chosen = asked() ?? (await recall('backend'));
  const name = chosen ?? fastest(measured.value) ?? 'wasm';
  const source = await recall('source');
  // Should the page break down at it, it is tried once more, and then no longer.
  if (source?.isTried) await forget('source');
  else if (source) await keep('source', {...source, isTried: true}).catch(() => undefined);
  if (!(source && (await openModel(name, source))) && !(await load(name)) && name !== 'wasm') await load('wasm');
  if (chosen === undefined && Object.keys(measured.value).length === 0) await measureAll();
}

/** Takes up what is kept of a run that was cut off. */
async function recallRun(): Promise<void> {
  const run = await recall('run');
  if (!run) return;
  cutOff.value = run;
  tokensPerStep.value = run.job.recipe.tokensPerStep;
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
