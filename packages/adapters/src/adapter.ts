import {checkOptions, cut, flag, type Kinds, optional, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {AdaptableModel} from './adaptable-model.js';
import type {AttachConfig} from './adapter-config.js';
import type {Method, NewWeight} from './method.js';
import {checkFiles, type PeftFiles, readTensors, writeFiles} from './peft-files.js';
import {hasModule, isWithin, moduleOf, tiedWeight, wholeModules} from './whole-modules.js';

/** What is known of a model with adapters. */
interface Adapted {
  adapters: Set<Adapter>;
  /** Which of its weights were trainable before. */
  trainable: ReadonlyMap<tf.Variable, boolean>;
}

const adapted = new WeakMap<AdaptableModel, Adapted>();

/** What `Adapter.detach` can be told. */
export interface DetachOptions {
  /** Leaves the adapter's change in the model's weights. Default false: they are what they were before. */
  merge?: boolean;
}

const DETACH_OPTIONS: Kinds<DetachOptions> = {merge: optional(flag)};

/**
 * An adapter that is laid over a model: `attach` makes it. Of a model's adapters one at most is active; the others rest, and
 * what they have learnt waits.
 */
export class Adapter {
  /** What it was made by. */
  readonly config: AttachConfig;
  /** What is trained, each variable called NAME/WEIGHT. */
  readonly variables: readonly tf.Variable[];
  /** How many weights those are. */
  readonly parameters: number;
  readonly #model: AdaptableModel;
  readonly #method: Method;
  /** Its tensors, and copies of the model's weights that it trains whole, by name. */
  readonly #weights: Map<string, tf.Variable>;
  readonly #trained: ReadonlySet<string>;
  /** Which weights of the model it trains whole. */
  readonly #wholes: ReadonlySet<string>;
  #undecorate: (() => void) | undefined;
  /** The model's weights that merging has changed, as they were. */
  #before: Map<string, tf.Tensor> | undefined;
  #isDetached = false;

  /** @internal */
  constructor(model: AdaptableModel, method: Method, config: AttachConfig) {
    const others = adapted.get(model)?.adapters ?? new Set<Adapter>();
    refuseMerged('attach', others);
    this.config = config;
    this.#model = model;
    this.#method = method;
    const wholes = wholeWeights(model, method, config);
    this.#wholes = new Set(wholes);
    const tensors = new Map<string, NewWeight>(method.tensors);
    for (const name of wholes) {
      const weight = model.weights.get(name);
      // A variable is never a view of another's data, and on some backends a clone is a copy.
      if (weight) tensors.set(name, {make: () => tf.reshape(weight, weight.shape)});
    }
    this.#weights = makeVariables(tensors, config.name ?? 'adapter');
    this.#trained = new Set([...tensors].filter(([, {isTrained}]) => isTrained ?? true).map(([name]) => name));
    this.variables = [...this.#weights].filter(([name]) => this.#trained.has(name)).map(([, variable]) => variable);
    this.parameters = this.variables.reduce((sum, {size}) => sum + size, 0);
    const known = adapted.get(model) ?? freeze(model);
    known.adapters.add(this);
    const active = [...others].find(({isActive}) => isActive);
    try {
      this.activate();
    } catch (error) {
      this.detach();
      active?.activate();
      throw error;
    }
  }

  /** Whether the model computes with it, by its verbs: not while it rests or is merged. */
  get isActive(): boolean {
    return this.#undecorate !== undefined;
  }

  /** Whether its change is in the model's own weights. */
  get isMerged(): boolean {
    return this.#before !== undefined;
  }

  /**
   * Lets the model compute with this adapter, and lets another that is active rest.
   *
   * @throws where one of the model's adapters is merged, or this one is detached.
   */
  activate(): void {
    const others = this.#others('activate');
    refuseMerged('activate', others);
    if (this.isActive) return;
    for (const other of others) other.#rest();
    this.#undecorate = this.#model.decorate({
      weights: this.#weights,
      begin: (isTraining) => this.#method.begin(isTraining),
      ...(this.#method.prompt && {prompt: this.#method.prompt}),
      ...(this.#method.prefix && {prefix: this.#method.prefix}),
    });
    this.#setTrainable(true);
  }

  /** Lets it rest: the model computes as without it, its own weights still frozen. Throws where it is merged or detached. */
  deactivate(): void {
    refuseMerged('deactivate', this.#others('deactivate'));
    this.#rest();
  }

  /**
   * Puts its change into the model's own weights: the same results up to rounding, without any cost. Until it is unmerged
   * what those weights were is kept, and it does not learn. Another adapter that is active rests.
   *
   * @throws where it is no change of weights, as a prompt is none, one of the model's adapters is merged, or this one is
   * detached; nothing has changed then.
   */
  merge(): void {
    const others = this.#others('merge');
    refuseMerged('merge', others);
    const {refusesMerge} = this.#method;
    if (refusesMerge) throw new Error(`merge: ${refusesMerge}, expected an adapter that is, such as LoRA`);
    const before = new Map<string, tf.Tensor>();
    try {
      this.#changeWeights(before);
    } catch (error) {
      this.#restore(before);
      throw error;
    }
    for (const other of others) other.#rest();
    this.#before = before;
    this.#rest();
  }

  /** Puts its change into the model's weights, and what each of them was into `before`, just before it changes. */
  #changeWeights(before: Map<string, tf.Tensor>): void {
    const {weights} = this.#model;
    const all = new Map<string, tf.Tensor>([...weights, ...this.#weights]);
    const changes = this.#method.merged?.(all) ?? [];
    for (const name of this.#wholes) {
      const whole = this.#weights.get(name);
      if (whole) changes.push([name, () => tf.reshape(whole, whole.shape)]);
    }
    for (const [name, make] of changes) {
      const variable = weights.get(name);
      if (!variable) continue;
      const value = make();
      before.set(name, tf.keep(tf.reshape(variable, variable.shape)));
      assign(variable, value);
    }
  }

  /** Makes the model's weights what they were before {@link merge}, bit for bit, and activates the adapter. */
  unmerge(): void {
    this.#others('unmerge');
    if (!this.#before) throw new Error('unmerge: the adapter is not merged, expected merge() before');
    this.#restore(this.#before);
    this.activate();
  }

  /**
   * Takes it off the model and frees it. With the last of its adapters the model's weights are trainable again, those that
   * were.
   */
  detach(options: DetachOptions = {}): void {
    this.#others('detach');
    checkOptions('detach', options, DETACH_OPTIONS);
    const {merge = false} = options;
    if (merge && !this.isMerged) this.merge();
    if (this.#before) {
      if (merge) tf.dispose([...this.#before.values()]);
      else this.#restore(this.#before);
      this.#before = undefined;
    }
    this.#rest();
    this.#isDetached = true;
    for (const variable of this.#weights.values()) variable.dispose();
    const known = adapted.get(this.#model);
    known?.adapters.delete(this);
    if (!known || known.adapters.size > 0) return;
    for (const [variable, trainable] of known.trainable) variable.trainable = trainable;
    adapted.delete(this.#model);
  }

  /** What it has learnt, as the two files that PEFT reads and writes. */
  async save(): Promise<PeftFiles> {
    this.#others('save');
    const tensors = new Map<string, tf.Tensor>();
    for (const name of this.#trained) {
      const variable = this.#weights.get(name);
      if (variable) tensors.set(this.#storedName(name), variable);
    }
    const copies = this.#storedCopies();
    for (const [copy, name] of copies) {
      const variable = this.#weights.get(name);
      if (variable) tensors.set(copy, variable);
    }
    const whole = wholeModules(this.#model, this.config);
    const {modules} = this.#method;
    const config = {
      ...this.#method.peftConfig(),
      task_type: taskOf(this.#model),
      base_model_name_or_path: this.#model.id,
      inference_mode: true,
      ...(modules.length > 0 && {
        fan_in_fan_out: modules.some(({layout}) => layout === 'in-out'),
        target_modules: modules.map(({name}) => name),
      }),
      modules_to_save: whole.length > 0 ? whole : null,
      ...(copies.size > 0 && {ensure_weight_tying: true}),
    };
    return writeFiles(config, tensors);
  }

  /**
   * Makes what it has learnt what files of an adapter of the same kind say.
   *
   * @throws where the files are not what they should be, or have other tensors; nothing has changed then.
   */
  load(files: PeftFiles): void {
    this.#others('load');
    refuseMerged('load', new Set([this]));
    checkFiles('load', files);
    const stored = readTensors(files);
    const copies = this.#storedCopies();
    const names = new Map(Array.from(this.#trained, (name) => [this.#storedName(name), name]));
    for (const [name] of stored) {
      if (!names.has(name) && !copies.has(name))
        throw new Error(`load: the file has a tensor ${cut(name)}, expected only those of the adapter`);
    }
    const found = Array.from(names, ([file, name]) => {
      const whole = stored.get(file);
      const variable = this.#weights.get(name);
      if (!whole || !variable) throw new Error(`load: the file has no tensor ${file}, expected it`);
      const tensor = this.#method.ownPart?.(name, whole) ?? whole;
      if (tensor.shape.join() !== variable.shape.join()) {
        throw new Error(`load: ${file} is ${show(tensor.shape)}, expected ${show(variable.shape)}`);
      }
      return {variable, tensor};
    });
    for (const [copy, name] of copies) {
      const [one, other] = [stored.get(copy), stored.get(this.#storedName(name))];
      if (!one || !other || areEqual(one.values(), other.values())) continue;
      throw new Error(`load: ${copy} differs from ${this.#storedName(name)}, expected the same: the model has but one`);
    }
    for (const {variable, tensor} of found) assign(variable, tf.tensor(tensor.values(), variable.shape));
  }

  /** What PEFT calls a weight: a bias of a module lies in the layer that the module has become. */
  #storedName(name: string): string {
    if (this.#method.storedName) return this.#method.storedName(name);
    const module = moduleOf(name);
    const isWrapped = name === `${module}.bias` && this.#method.modules.some((one) => one.name === module);
    return `base_model.model.${isWrapped ? `${module}.base_layer.bias` : name}`;
  }

  /** What PEFT writes of a tied weight besides, by what it is here. */
  #storedCopies(): ReadonlyMap<string, string> {
    const tied = tiedWeight(this.#model);
    if (!tied || !this.#wholes.has(tied.name)) return new Map();
    return new Map(tied.copies.map((copy) => [this.#storedName(copy), tied.name]));
  }

  #rest(): void {
    this.#undecorate?.();
    this.#undecorate = undefined;
    this.#setTrainable(false);
  }

  #restore(before: ReadonlyMap<string, tf.Tensor>): void {
    for (const [name, value] of before) {
      const variable = this.#model.weights.get(name);
      if (variable && !variable.isDisposed) assign(variable, value);
      else value.dispose();
    }
    this.#before = undefined;
  }

  #setTrainable(trainable: boolean): void {
    for (const variable of this.variables) variable.trainable = trainable;
  }

  /** The model's adapters. Throws where this is none any more. */
  #others(what: string): ReadonlySet<Adapter> {
    if (this.#isDetached) throw new Error(`${what}: the adapter is detached, expected one that is laid over a model`);
    return adapted.get(this.#model)?.adapters ?? new Set();
  }
}

function areEqual(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

/** Gives a variable a value, which is freed. */
function assign(variable: tf.Variable, value: tf.Tensor): void {
  variable.assign(value);
  value.dispose();
}

function refuseMerged(what: string, adapters: ReadonlySet<Adapter>): void {
  if (![...adapters].some(({isMerged}) => isMerged)) return;
  throw new Error(`${what}: an adapter is merged into the model, expected unmerge() or detach() before`);
}

/** The weights of a model that an adapter trains whole: biases, and what is to be saved with it. */
function wholeWeights(model: AdaptableModel, {modules}: Method, config: AttachConfig): string[] {
  const bias = config.method === 'lora' ? config.bias : 'none';
  const own = new Set(modules.map(({name}) => name));
  const wholes = wholeModules(model, config);
  for (const whole of wholes) {
    if (hasModule(model, whole)) continue;
    throw new Error(`attach: modulesToSave has "${whole}", expected modules of the model`);
  }
  return [...model.weights.keys()].filter((name) => {
    const module = moduleOf(name);
    if (isWithin(module, wholes)) return true;
    if (!name.endsWith('.bias')) return false;
    return bias === 'all' || (bias === 'lora_only' && own.has(module));
  });
}

function makeVariables(tensors: ReadonlyMap<string, NewWeight>, scope: string): Map<string, tf.Variable> {
  for (const name of tensors.keys()) {
    if (!Object.hasOwn(tf.engine().registeredVariables, `${scope}/${name}`)) continue;
    throw new Error(`attach: a variable called ${scope}/${name} exists already: give the adapter another name`);
  }
  const made = new Map<string, tf.Variable>();
  try {
    for (const [name, {make, isTrained = true}] of tensors) {
      const value = make();
      made.set(name, tf.variable(value, isTrained, `${scope}/${name}`));
      value.dispose();
    }
  } catch (error) {
    for (const variable of made.values()) variable.dispose();
    throw error;
  }
  return made;
}

function freeze(model: AdaptableModel): Adapted {
  const trainable = new Map(Array.from(model.weights.values(), (variable) => [variable, variable.trainable]));
  for (const variable of trainable.keys()) variable.trainable = false;
  const known = {adapters: new Set<Adapter>(), trainable};
  adapted.set(model, known);
  return known;
}

/** The kind of a model, as PEFT calls it: how it wraps the model. */
function taskOf({head, architecture}: AdaptableModel): string | null {
  if (head) return {classifier: 'SEQ_CLS', score: 'SEQ_CLS', qa_outputs: 'QUESTION_ANS'}[head.output ?? ''] ?? null;
  if ('decoder' in architecture) return 'SEQ_2_SEQ_LM';
  return 'output' in architecture ? 'CAUSAL_LM' : 'FEATURE_EXTRACTION';
}
