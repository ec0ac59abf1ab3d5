import {proxy} from 'comlink';
import {hasDigests} from '../has-digests.js';
import {forget, keep, recall} from '../store.js';
import type {CheckpointReport, Glance, StepReport, TrainingJob} from '../worker/protocol.js';
import {client} from './current.js';
import {addDelta, takeDelta} from './keep-actions.js';
import {load} from './load.js';
import {plotting} from './plots.js';
import {
  applied,
  backend,
  before,
  budget,
  complain,
  curve,
  cutOff,
  glance,
  learningRate,
  method,
  model,
  pairs,
  phase,
  places,
  plannedSteps,
  probes,
  say,
  steps,
  tokensPerStep,
  watched,
} from './state.js';
import {translate} from './translate-actions.js';

/** Teaches the pairs of the table by the recipe of the form. */
export async function teach(): Promise<void> {
  const info = model.value;
  if (!info) return;
  if (!hasDigests()) {
    const error = new Error('this browser gives the page no SHA-256. Open it by https, or from this machine.');
    complain('What is learnt could not be kept', error);
    return;
  }
  const job: TrainingJob = {
    recipe: {
      method: method.value,
      budget: Math.min(budget.value, info.parameters),
      learningRate: learningRate.value,
      steps: steps.value,
      tokensPerStep: tokensPerStep.value,
      seed: 1,
    },
    pairs: pairs.value.filter(({source, target}) => source.trim() !== '' && target.trim() !== ''),
    probes: [...new Set(probes.value.map((probe) => probe.trim()).filter((probe) => probe !== ''))],
  };
  if (job.pairs.length === 0) {
    complain('There is nothing to learn', new Error('the table has no pair. Add one, or take the formal German ones.'));
    return;
  }
  await run(job);
}

/** Goes on with a run that was cut off, from its last checkpoint, on a fresh worker, with the form's tokens a step. */
export async function goOnWithRun(): Promise<void> {
  const kept = await recallRun();
  if (!kept || !(await load(backend.value ?? 'wasm'))) return;
  const recipe = {...kept.job.recipe, tokensPerStep: tokensPerStep.value};
  await run({...kept.job, recipe}, kept);
}

/** Keeps what a run that was cut off had learnt, as a delta like any other. */
export async function keepRun(): Promise<void> {
  const kept = await recallRun();
  const checkpoint = await recall('checkpoint');
  if (!kept || !checkpoint) return;
  if (await takeDelta(checkpoint.delta, `${kept.step} steps, ${kept.job.recipe.method}`)) await dropRun();
}

/** The run that was cut off, where it is of the page's model. */
async function recallRun() {
  const kept = await recall('run');
  if (!kept || kept.model === model.value?.id) return kept;
  complain('The training cannot be taken up', new Error(`it was of the model ${kept.model}. Load that model first.`));
  return undefined;
}

export async function dropRun(): Promise<void> {
  await forget('run');
  await forget('checkpoint');
  cutOff.value = undefined;
}

/** @param from what a run goes on from */
async function run(job: TrainingJob, from?: CheckpointReport): Promise<void> {
  const id = model.value?.id ?? '';
  phase.value = 'training';
  plannedSteps.value = job.recipe.steps;
  watched.value = job.probes;
  let reached = from;
  if (from === undefined) {
    curve.value = [];
    await dropRun();
  }
  glance.value = undefined;
  applied.value = undefined;
  try {
    client().expectTraining();
    // Now, since while the training runs it would hold the page up; drawing tells when it does not come.
    await plotting().catch(() => undefined);
    const {session} = client();
    await session.revert();
    before.value = job.probes.length > 0 ? ((await session.answer(job.probes)).seed ?? []) : [];
    const events = proxy({
      onStep: (report: StepReport) => {
        curve.value = [...curve.value.filter(({step}) => step < report.step), report];
      },
      onGlance: (next: Glance) => {
        glance.value = next;
        places.value = next.places;
        // The last one is asked for when all is kept.
        if (next.step < job.recipe.steps) void translate();
      },
      onCheckpoint: (point: CheckpointReport) => {
        reached = point;
        keep('run', {model: id, job, ...point}).catch((error: unknown) => complain('The training goes on, but', error));
      },
    });
    const {steps, delta, places: last} = await client().train(job, events, from !== undefined);
    places.value = last;
    if (delta) await addDelta(delta, `${steps} steps, ${job.recipe.method}`, last);
    await dropRun();
    say(delta ? `Taught in ${steps} steps; what changed is kept below.` : 'Nothing was learnt: no step was finished.');
  } catch (error) {
    // What broke off left a model that is neither the seed nor tuned, and perhaps a full memory.
    const name = backend.value ?? 'wasm';
    const isBack = await load(name);
    cutOff.value = reached;
    const {message} = error instanceof Error ? error : new Error(String(error));
    complain('The training broke off', new Error(message.replace(/(?<=[^.])$/, '.') + adviceAfter(reached, isBack)));
  } finally {
    phase.value = 'idle';
  }
  await translate();
}

function adviceAfter(reached: CheckpointReport | undefined, isBack: boolean): string {
  const another = isBack
    ? 'or choose another backend'
    : 'or choose another backend first: this one does not start again';
  if (!reached) return ` Try fewer tokens a step, ${another}.`;
  const then = reached.goesOn ? `go on from there, ${another}` : 'keep it as a delta below, or forget it';
  return ` What was learnt up to step ${reached.step} is kept: ${then}.`;
}

export async function pause(): Promise<void> {
  phase.value = 'paused';
  await client().session.pause();
}

export async function resume(): Promise<void> {
  phase.value = 'training';
  await client().session.resume();
}

export async function stop(): Promise<void> {
  phase.value = 'stopping';
  await client().stop();
}
