import {applyDelta, createDelta, type Delta, type Revert, readDelta, writeDelta} from '@subset-tuning/deltas';
import {type CausalModel, loadModel, readFiles} from '@subset-tuning/models';
import {hasDigests} from '../has-digests.js';
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
  type Places,
  type Source,
  type StopSign,
  type TrainingEvents,
  type TrainingJob,
  type TrainingResult,
} from './protocol.js';
import {putSeedsBack} from './put-seeds-back.js';
import {readTranslator} from './read-translator.js';
import {placesOf, trainOnPairs} from './train-on-pairs.js';
import {watchDevice} from './watch-device.js';

/** Up to so many weights, a second copy lets the seed answer beside the tuned model. */
const MOST_COPIED = 20e6;
const MOST_REMEMBERED = 1000;
/** How often the hub is asked again, in a row, before the reader hears of it: four seconds. */
const RETRIES = 3;

/** A model on a backend, and what the page can ask of it: one a worker. */
export class Session {
  #backend = '';
  #model: CausalModel | undefined;
  #seed: CausalModel | undefined;
  readonly #seedAnswers = new Map<string, string>();
  #dialect: Dialect | undefined;
  #applied: {delta: Delta; revert: Revert} | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #interrupt = new Interrupt();
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

  async start(backend: BackendName): Promise<string> {
    this.#backend = await startBackend(backend);
    this.#lost = watchDevice(backend);
    return this.#backend;
  }

  async load(source: Source, onProgress: (progress: LoadProgress) => void = () => undefined): Promise<ModelInfo> {
    const read = await readerOf(source, onProgress);
    // Two owners may have models of one name.
    const model = await loadModel(nameOf(source), {read, ...(source.kind === 'hub' && {id: source.id})});
    this.#model?.dispose();
    this.#seed?.dispose();
    this.#seed = undefined;
    this.#seedAnswers.clear();
    this.#applied = undefined;
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
    // Training goes on meanwhile; whatever else changes the weights waits.
    return this.#training ? this.#answer(questions) : this.#inTurn(() => this.#answer(questions));
  }

  async #answer(questions: string[]): Promise<Answers> {
    // As it is now: a training may end while the answers are made.
    const isTraining = this.#training;
    const isSeed = this.#applied === undefined && !isTraining;
    const tuned = await this.#ask(this.#loaded().model, questions);
    // The seed says the same for ever.
    if (this.#seedAnswers.size > MOST_REMEMBERED) this.#seedAnswers.clear();
    const asked = questions.filter((question) => isSeed || !this.#seedAnswers.has(question));
    const said = isSeed ? tuned : await this.#askSeed(asked, isTraining);
    if (said === undefined) return {seed: undefined, tuned};
    for (const [i, question] of asked.entries()) this.#seedAnswers.set(question, said[i] ?? '');
    return {seed: questions.map((question) => this.#seedAnswers.get(question) ?? ''), tuned};
  }

  /** By the copy of the seed; where there is none, by the model, without its delta meanwhile; while it is taught, not. */
  async #askSeed(questions: string[], isTraining: boolean): Promise<string[] | undefined> {
    if (questions.length === 0) return [];
    if (this.#seed) return this.#ask(this.#seed, questions);
    if (this.#applied === undefined || isTraining) return undefined;
    const {model} = this.#loaded();
    const {delta} = this.#applied;
    await this.#putOff();
    try {
      return await this.#ask(model, questions);
    } finally {
      // It was checked when it was applied first.
      this.#applied = {delta, revert: await applyDelta(model, delta, {verify: false})};
    }
  }

  #ask(model: CausalModel, questions: string[]): Promise<string[]> {
    return Promise.race([this.#loaded().dialect.answer(model, questions), this.#lost]);
  }

  /** What changes the weights, or needs them as they are, waits for what does so already. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Teaches the model; `goOn` takes up the run that was cut off. */
  async train(job: TrainingJob, events: TrainingEvents, goOn: boolean, sign: StopSign): Promise<TrainingResult> {
    const {model, dialect} = this.#loaded();
    await this.#inTurn(async () => {
      await this.#putOff();
      // Within the turn: what answers after it must not take the model for the seed.
      this.#training = true;
    });
    try {
      this.#interrupt.watch(sign);
      const from = goOn ? await recall('checkpoint') : undefined;
      if (goOn && !from?.state) throw new Error('what was learnt before is not kept here any more. Start anew.');
      // The optimizer's state knows the seed under it.
      const before = from && readDelta(from.delta);
      const revert = before && (await applyDelta(model, before));
      const control = {interrupt: this.#interrupt, whilePaused: () => this.#paused ?? Promise.resolve()};
      const training = trainOnPairs(model, dialect, job, from, events, control);
      const {steps, changes} = await Promise.race([training, this.#lost]);
      if (before && revert && steps === from.step) {
        // Stopped before another step was done.
        this.#applied = {delta: before, revert};
        return {steps, delta: from.delta, places: placesOfDelta(before)};
      }
      const some = changes.filter(({positions}) => positions.length > 0);
      if (some.length === 0) return {steps, delta: undefined, places: new Map()};
      const delta = await createDelta(some, {base: model.id, weights: model.weights});
      // From here on what was learnt is a delta like any other, and comes off like one.
      await putSeedsBack(model.weights, some);
      this.#applied = {delta, revert: await applyDelta(model, delta)};
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

  /** Stops after the step that runs; the sign stops within it. */
  stop(): void {
    this.#interrupt.set();
    this.resume();
  }

  /** Puts the model back to its seed, and says in how many milliseconds. */
  async revert(): Promise<number> {
    return this.#inTurn(async () => {
      const began = performance.now();
      await this.#putOff();
      return performance.now() - began;
    });
  }

  async #putOff(): Promise<void> {
    await this.#applied?.revert();
    this.#applied = undefined;
  }

  /** Applies a delta file in place of the one that is applied. */
  async apply(file: Uint8Array): Promise<Applied> {
    const {model} = this.#loaded();
    const delta = readDelta(file);
    const milliseconds = await this.#inTurn(async () => {
      await this.#putOff();
      const began = performance.now();
      this.#applied = {delta, revert: await applyDelta(model, delta)};
      return performance.now() - began;
    });
    const changed = delta.tensors.reduce((sum, {values}) => sum + values.length, 0);
    return {milliseconds, base: delta.base, places: placesOfDelta(delta), changed};
  }

  /**
   * SHA-256 of all weights, one after the other as they are loaded; none where the browser gives no digests, or of a model
   * too large to be read each time.
   */
  async fingerprint(): Promise<string | undefined> {
    const {model} = this.#loaded();
    if (sizeOf(model) > MOST_COPIED || !hasDigests()) return undefined;
    return this.#inTurn(async () => {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for (const weight of model.weights.values()) parts.push(new Uint8Array((await weight.data()).slice().buffer));
      const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer());
      return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
    });
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

function placesOfDelta({tensors}: Delta): Places {
  return placesOf(
    tensors.map(({name, positions, values}) => {
      return {name, positions: positions === 'all' ? Uint32Array.from(values.keys()) : positions};
    }),
  );
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
  return hub(source.id, {
    ...{offline: source.offline ?? false, retries: RETRIES},
    onProgress: ({file, loaded, total}) => onProgress({what: file, loaded, total}),
  });
}
