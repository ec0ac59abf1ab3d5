import {applyDelta, createDelta, type Revert, readDelta, writeDelta} from '@subset-tuning/deltas';
import {type CausalModel, loadModel, readFiles} from '@subset-tuning/models';
import {recall} from '../store.js';
import {missingBackend, startBackend} from './backends.js';
import {answering, type Dialect, translating} from './examples.js';
import {Interrupt} from './interrupt.js';
import {measureStep} from './measure-step.js';
import {
  type Answers,
  type Applied,
  BACKENDS,
  type BackendName,
  type LoadProgress,
  type ModelInfo,
  type TrainingEvents,
  type TrainingJob,
  type TrainingResult,
} from './protocol.js';
import {putSeedsBack} from './put-seeds-back.js';
import {readTranslator} from './read-translator.js';
import {placesOf, trainOnPairs} from './train-on-pairs.js';
import {watchDevice} from './watch-device.js';

/** Where a model comes from. */
export type Source = {kind: 'translator'; base: string} | {kind: 'files'; files: File[]} | {kind: 'hub'; id: string};

/** Up to so many weights, a second copy lets the seed answer beside the tuned model. */
const MOST_COPIED = 20e6;
const MOST_REMEMBERED = 1000;

/** A model on a backend, and what the page can ask of it: one a worker. */
export class Session {
  #backend = '';
  #model: CausalModel | undefined;
  #seed: CausalModel | undefined;
  readonly #seedAnswers = new Map<string, string>();
  #dialect: Dialect | undefined;
  #revert: Revert | undefined;
  #interrupt = new Interrupt(new Int32Array(1));
  #resume: (() => void) | undefined;
  #paused: Promise<void> | undefined;
  #training = false;
  #lost = new Promise<never>(() => undefined);

  /** Why each backend cannot run here; those that can are not in it. */
  async missing(): Promise<Partial<Record<BackendName, string>>> {
    const reasons: Partial<Record<BackendName, string>> = {};
    for (const name of BACKENDS) {
      const reason = await missingBackend(name).catch(String);
      if (reason !== undefined) reasons[name] = reason;
    }
    return reasons;
  }

  /** @param flag memory that the page shares, by which it stops a step; none where the page is not isolated */
  async start(backend: BackendName, flag: SharedArrayBuffer | undefined): Promise<string> {
    if (flag) this.#interrupt = new Interrupt(new Int32Array(flag));
    this.#backend = await startBackend(backend);
    this.#lost = watchDevice(backend);
    return this.#backend;
  }

  async load(source: Source, onProgress: (progress: LoadProgress) => void = () => undefined): Promise<ModelInfo> {
    const read = await readerOf(source, onProgress);
    const model = await loadModel(nameOf(source), {read});
    this.#model?.dispose();
    this.#seed?.dispose();
    this.#seed = undefined;
    this.#seedAnswers.clear();
    this.#revert = undefined;
    this.#model = model;
    const tensors = Array.from(model.weights, ([name, {shape}]) => ({name, shape}));
    const parameters = sizeOf(model);
    if (parameters <= MOST_COPIED) this.#seed = await loadModel(nameOf(source), {read, scope: 'seed'});
    const isTranslator = source.kind === 'translator';
    this.#dialect = isTranslator ? translating(model) : answering(model);
    return {id: model.id, isTranslator, parameters, tensors, backend: this.#backend};
  }

  /** The answers of the seed and of the model as it is now. */
  async answer(questions: string[]): Promise<Answers> {
    const {model, dialect} = this.#loaded();
    const answer = (asked: CausalModel, to: string[]) => Promise.race([dialect.answer(asked, to), this.#lost]);
    const tuned = await answer(model, questions);
    if (this.#revert === undefined && !this.#training) return {seed: tuned, tuned};
    if (this.#seed === undefined) return {seed: undefined, tuned};
    // The seed says the same for ever.
    if (this.#seedAnswers.size > MOST_REMEMBERED) this.#seedAnswers.clear();
    const asked = questions.filter((question) => !this.#seedAnswers.has(question));
    const said = asked.length > 0 ? await answer(this.#seed, asked) : [];
    for (const [i, question] of asked.entries()) this.#seedAnswers.set(question, said[i] ?? '');
    return {seed: questions.map((question) => this.#seedAnswers.get(question) ?? ''), tuned};
  }

  /** Teaches the model; `goOn` takes up the run that was cut off. */
  async train(job: TrainingJob, events: TrainingEvents, goOn: boolean): Promise<TrainingResult> {
    const {model, dialect} = this.#loaded();
    await this.revert();
    this.#interrupt.set(false);
    const from = goOn ? await recall('checkpoint') : undefined;
    if (goOn && !from) throw new Error('what was learnt before is not kept here any more. Start anew.');
    // The optimizer's state knows the seed under it.
    if (from) await applyDelta(model, readDelta(from.delta));
    this.#training = true;
    try {
      const control = {interrupt: this.#interrupt, whilePaused: () => this.#paused ?? Promise.resolve()};
      const training = trainOnPairs(model, dialect, job, from, events, control);
      const {steps, changes} = await Promise.race([training, this.#lost]);
      const some = changes.filter(({positions}) => positions.length > 0);
      if (some.length === 0) return {steps, delta: undefined, places: new Map()};
      const delta = await createDelta(some, {base: model.id, weights: model.weights});
      // From here on what was learnt is a delta like any other, and comes off like one.
      await putSeedsBack(model.weights, some);
      this.#revert = await applyDelta(model, delta);
      return {steps, delta: writeDelta(delta), places: placesOf(some)};
    } finally {
      this.#training = false;
      this.resume();
    }
  }

  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resume?.();
    this.#resume = undefined;
    this.#paused = undefined;
  }

  /** Stops after the step that runs; the flag stops within it. */
  stop(): void {
    this.#interrupt.set(true);
    this.resume();
  }

  /** Puts the model back to its seed, and says in how many milliseconds. */
  async revert(): Promise<number> {
    const began = performance.now();
    await this.#revert?.();
    this.#revert = undefined;
    return performance.now() - began;
  }

  /** Applies a delta file in place of the one that is applied. */
  async apply(file: Uint8Array): Promise<Applied> {
    const {model} = this.#loaded();
    const delta = readDelta(file);
    await this.revert();
    const began = performance.now();
    this.#revert = await applyDelta(model, delta);
    const milliseconds = performance.now() - began;
    const changes = delta.tensors.map(({name, positions, values}) => {
      return {name, positions: positions === 'all' ? Uint32Array.from(values.keys()) : positions};
    });
    return {
      ...{milliseconds, base: delta.base, places: placesOf(changes)},
      changed: changes.reduce((sum, {positions}) => sum + positions.length, 0),
    };
  }

  /** How long a step takes here, in milliseconds; the model is as before. */
  async measure(): Promise<number> {
    const {model, dialect} = this.#loaded();
    return measureStep(model, dialect);
  }

  #loaded(): {model: CausalModel; dialect: Dialect} {
    if (this.#model && this.#dialect) return {model: this.#model, dialect: this.#dialect};
    throw new Error('no model is loaded. Reload the page, or choose a model below.');
  }
}

function sizeOf(model: CausalModel): number {
  return [...model.weights.values()].reduce((sum, {size}) => sum + size, 0);
}

function nameOf(source: Source): string {
  if (source.kind === 'translator') return 'tiny-translator';
  if (source.kind === 'hub') return source.id;
  const gguf = source.files.find(({name}) => /\.gguf$/i.test(name));
  // Files that were chosen one by one lie in no folder that the page could know of.
  return gguf?.name ?? (source.files[0]?.webkitRelativePath.split('/')[0] || 'your-model');
}

async function readerOf(source: Source, onProgress: (progress: LoadProgress) => void) {
  if (source.kind === 'translator') return readTranslator(source.base, onProgress);
  if (source.kind === 'files') {
    onProgress({what: 'the files'});
    return readFiles(source.files);
  }
  const {hub} = await import('@subset-tuning/hub');
  return hub(source.id, {onProgress: ({file, loaded, total}) => onProgress({what: file, loaded, total})});
}
