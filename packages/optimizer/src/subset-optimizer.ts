import {
  DEFAULT_ETA,
  DISTANCES,
  type Distance,
  INFO_LENGTH,
  Info,
  maskWords,
  packSubset,
  readInfo,
  readState,
  readSubset,
  type SubsetState,
  type SubsetStateArrays,
  stateFromArrays,
} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {assertSingleCore} from './assert-single-core.js';
import {type BudgetOptions, shareBudget, totalBudget} from './budgets.js';
import {encodeNames} from './encode-names.js';
import {type SiloKind, siloOf} from './silos.js';
import {trainableParameters} from './trainable-parameters.js';

/** What every optimizer that keeps a subset can be told. */
export interface SubsetOptions extends BudgetOptions {
  /** How parameters are grouped, each group with a budget of its own: `tensor`. */
  silos?: SiloKind;
  /** How far a proposal lies from its seed: `absolute`. */
  distance?: Distance;
  /** η of the relative distance, 1e-8. */
  eta?: number;
  /** The subset is chosen anew at every so many steps, 1. */
  reselectEvery?: number;
  /** From this step on, counted from 0, the subset stays as it is. */
  freezeAfter?: number;
  /**
   * Names of the variables that share the budget, in registration order. Default: those with a gradient at the first
   * step, in the order of their gradients.
   */
  variables?: readonly string[];
  /**
   * The subset of a silo before the first step: for each of its tensors, ascending flat positions. Default: empty.
   * With `freezeAfter: 0` this is a fixed subset. Not part of the config: the subset itself is in the weights.
   */
  initialSubset?: (tensors: readonly {name: string; size: number}[], budget: number) => Uint32Array[];
}

/** What the last step did in one silo, see {@link SubsetOptimizer.stats}. */
export interface SiloStats {
  name: string;
  /** Number of parameters. */
  parameters: number;
  budget: number;
  /** Entries that differ from the seed now. */
  size: number;
  /** Entries that came into the subset at the last step, and that left it. */
  entered: number;
  left: number;
  /** The smallest distance that was chosen at the last selection; NaN where the portable fallback chose. */
  threshold: number;
  nonFiniteGradients: number;
  nonFiniteProposals: number;
  /** Selections so far that the predicted threshold decided in one pass, and those that needed the histogram. */
  hits: number;
  misses: number;
}

/** {@link SiloStats} added up over the silos, and each of them. */
export interface SubsetStats extends Omit<SiloStats, 'name' | 'threshold'> {
  silos: SiloStats[];
}

/** The tuned entries of one tensor: everything that a delta holds, and everything that undoing it needs. */
export interface TensorChange {
  name: string;
  shape: number[];
  /** Flat positions, ascending. */
  positions: Uint32Array;
  /** The tuned values at these positions. */
  values: Float32Array;
  /** The pretrained values at these positions, bit for bit. */
  seeds: Float32Array;
}

/** What tfjs's optimizers save and are given as gradients; tfjs-core does not export its own type for it. */
export interface NamedTensor {
  name: string;
  tensor: tf.Tensor;
}

/** A group of parameters with a budget of its own. */
export interface Silo {
  name: string;
  variables: tf.Variable[];
  sizes: number[];
  state: SubsetState<tf.Tensor>;
  budget: number;
  /** How many gradient elements were not finite, where the kernel does not see gradients. */
  nonFiniteGradients?: tf.Scalar;
}

/** One step's share of a silo's work. */
export interface SiloStep {
  /** The step, counted from 0. */
  step: number;
  k: number;
  reselect: boolean;
  distance: Distance;
  eta: number;
}

/**
 * The part that all subset optimizers share: who is in which silo, budgets, the state of each subset, and everything
 * that reads it. How a silo steps is for the subclass to say.
 */
export abstract class SubsetOptimizer extends tf.Optimizer {
  protected silos: Silo[] = [];
  /** Slots by {@link slotName}. */
  protected readonly slots = new Map<string, tf.Tensor>();
  /** What each variable's state is kept under, see {@link stateKeys}. */
  private keys = new Map<tf.Variable, string>();
  /** Weights that arrived before the variables were known, by name. Never computed with, so still on the host. */
  private saved = new Map<string, tf.Tensor>();
  private budgets: {total: number; shares: number[]} = {total: 0, shares: []};

  constructor(protected readonly options: SubsetOptions) {
    super();
    checkOptions(options);
  }

  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    const byName = gradientsByName(gradients);
    for (const [name, gradient] of byName) checkSame(`the gradient of '${name}'`, gradient, variableNamed(name));
    if (this.silos.length === 0) this.register((this.options.variables ?? [...byName.keys()]).map(variableNamed));
    this.checkRegistered(byName);
    const step = this.iterations;
    const {freezeAfter = Infinity, reselectEvery = 1, distance = 'absolute', eta = DEFAULT_ETA} = this.options;
    const reselect = step < freezeAfter && step % reselectEvery === 0;
    if (reselect) this.updateBudgets(step);
    this.step(byName, (silo) => ({step, k: silo.budget, reselect, distance, eta}));
    this.incrementIterations();
  }

  /** Steps every silo. A variable without a gradient counts as gradient zero. */
  protected abstract step(gradients: ReadonlyMap<string, tf.Tensor>, of: (silo: Silo) => SiloStep): void;

  /** Takes over a kernel's outputs: new values into the variables, the new state. */
  protected adopt(silo: Silo, {parameters, state}: {parameters: tf.Tensor[]; state: SubsetState<tf.Tensor>}): void {
    silo.variables.forEach((variable, i) => {
      variable.assign(parameters[i]);
      parameters[i].dispose();
    });
    for (const tensor of state) tf.keep(tensor);
    silo.state = state;
  }

  /** A silo's gradients, with zeros for those that are missing; to be disposed of with `made`. */
  protected gradientsOf(silo: Silo, gradients: ReadonlyMap<string, tf.Tensor>): {all: tf.Tensor[]; made: tf.Tensor[]} {
    const made: tf.Tensor[] = [];
    const all = silo.variables.map(({name, shape}) => {
      const gradient = gradients.get(name);
      if (gradient !== undefined) return gradient;
      made.push(tf.zeros(shape));
      return made[made.length - 1];
    });
    return {all, made};
  }

  /** Counts the elements that are not finite, for {@link stats}. */
  protected countNonFinite(silo: Silo, gradients: readonly tf.Tensor[]): void {
    silo.nonFiniteGradients?.dispose();
    silo.nonFiniteGradients = tf.tidy(() => {
      const counts = gradients.map((gradient) => tf.sum(tf.cast(tf.logicalNot(tf.isFinite(gradient)), 'int32')));
      return tf.keep(tf.reshape(tf.addN(counts), []));
    });
  }

  /** The options as JSON. Names of variables are written so that tfjs-layers' rewriting of strings leaves them alone. */
  protected savedOptions(): Record<string, unknown> {
    const {silos, variables, initialSubset: _, ...options} = this.options;
    const table = () =>
      Object.fromEntries(
        this.silos.flatMap(({name, variables}) => variables.map((variable) => [this.keyOf(variable), name])),
      );
    const named = typeof silos === 'function' ? table() : silos;
    return {
      ...options,
      ...(named === undefined
        ? {}
        : {silos: typeof named === 'string' ? named : Object.entries(named).map(encodeNames)}),
      ...(variables === undefined ? {} : {variables: encodeNames(variables)}),
    };
  }

  /** The slots that a variable needs: name → shape. They start as zeros and are kept in {@link slots}. */
  protected abstract slotShapes(variable: tf.Variable): Record<string, number[]>;

  /**
   * What the last step did, read from the device when asked for: a step itself reads nothing back.
   *
   * @example
   * ```ts
   * import * as tf from '@tensorflow/tfjs';
   * import {dynamicSubset, sgd} from '@subset-tuning/optimizer';
   * const weights = tf.variable(tf.ones([10]));
   * const optimizer = dynamicSubset(sgd({learningRate: 0.1}), {parameters: 3});
   * optimizer.minimize(() => tf.sum(tf.square(weights)));
   * (await optimizer.stats()).size; // 3
   * ```
   */
  async stats(): Promise<SubsetStats> {
    const silos = await Promise.all(
      this.silos.map(async ({name, sizes, budget, state, nonFiniteGradients}): Promise<SiloStats> => {
        const info = await readInfo(state);
        const parameters = sum(sizes);
        const counted = nonFiniteGradients === undefined ? 0 : (await nonFiniteGradients.data())[0];
        return {
          ...{name, parameters, budget, size: info[Info.size], entered: info[Info.entered], left: info[Info.left]},
          threshold: new Float32Array(info.buffer)[Info.threshold],
          nonFiniteGradients: counted + info[Info.nonFiniteGradients],
          nonFiniteProposals: info[Info.nonFiniteProposals],
          ...{hits: info[Info.hits], misses: info[Info.misses]},
        };
      }),
    );
    const total = (key: Exclude<keyof SiloStats, 'name'>) => sum(silos.map((silo) => silo[key]));
    return {
      ...{parameters: total('parameters'), budget: total('budget'), size: total('size')},
      ...{entered: total('entered'), left: total('left')},
      ...{nonFiniteGradients: total('nonFiniteGradients'), nonFiniteProposals: total('nonFiniteProposals')},
      ...{hits: total('hits'), misses: total('misses'), silos},
    };
  }

  /**
   * The subset as it is now: for each variable, in registration order, where it differs from the seed, the tuned
   * values there and the pretrained ones. Variables without a change are left out. This is what a delta is made of.
   */
  async subset(): Promise<TensorChange[]> {
    const changes: TensorChange[] = [];
    for (const {variables, sizes, state} of this.silos) {
      const entries = readSubset(await readState(state), sizes);
      for (const [i, {positions, seeds}] of entries.entries()) {
        if (positions.length === 0) continue;
        const {name, shape} = variables[i];
        const all = await variables[i].data();
        changes.push({
          name,
          shape: [...shape],
          positions,
          seeds,
          values: Float32Array.from(positions, (at) => all[at]),
        });
      }
    }
    return changes;
  }

  /**
   * The line that PEFT's `print_trainable_parameters` prints: the budget, the model's size, the share. Known after the
   * first step.
   *
   * @throws before the first step, when the variables are not known yet.
   */
  trainableParameters(): string {
    if (this.silos.length === 0) throw new Error('trainableParameters: the variables are known after the first step');
    const budget = sum(this.silos.map((silo) => silo.budget));
    return trainableParameters(budget, sum(this.silos.map((silo) => sum(silo.sizes))));
  }

  /** The number of steps, slots and subset states, each a copy under a name of its own. */
  override async getWeights(): Promise<NamedTensor[]> {
    const weights = [await this.saveIterations()];
    for (const [name, tensor] of [...this.saved, ...this.slots]) weights.push({name, tensor: await copy(tensor)});
    for (const {name, state} of this.silos) {
      const arrays = await readState(state);
      const dtypes = ['int32', 'float32', 'int32'] as const;
      for (const [i, key] of stateNames(name).entries()) {
        weights.push({name: key, tensor: tf.tensor(arrays[i], [arrays[i].length], dtypes[i])});
      }
    }
    return weights;
  }

  /**
   * Goes on from what {@link getWeights} gave, before or after the first step. The tensors are copied.
   *
   * @throws where a name, shape or dtype is not what this optimizer keeps; nothing has changed then. Before the first
   * step the variables are not known: then the first step throws.
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    if (weights[0]?.name !== 'iter') {
      throw new Error(`setWeights: the first weight is '${weights[0]?.name}', expected 'iter'`);
    }
    const saved = new Map(weights.slice(1).map(({name, tensor}) => [name, tensor]));
    if (this.silos.length > 0) checkSaved(saved, this.expected(this.silos));
    const copies = new Map<string, tf.Tensor>();
    for (const [name, tensor] of saved) copies.set(name, tf.keep(await copy(tensor)));
    await this.extractIterations(weights);
    const variables = this.silos.flatMap((silo) => silo.variables);
    this.release();
    this.saved = copies;
    if (variables.length > 0) this.register(variables);
  }

  override dispose(): void {
    this.release();
    super.dispose();
  }

  private release(): void {
    tf.dispose([...this.owned().values()]);
    for (const {nonFiniteGradients} of this.silos) nonFiniteGradients?.dispose();
    this.saved.clear();
    this.slots.clear();
    this.silos = [];
  }

  /** All tensors that are this optimizer's own, by the name that they are saved under. */
  private owned(): Map<string, tf.Tensor> {
    const owned = new Map(this.saved);
    for (const [name, tensor] of this.slots) owned.set(name, tensor);
    for (const {name, state} of this.silos) {
      for (const [i, key] of stateNames(name).entries()) owned.set(key, state[i]);
    }
    return owned;
  }

  private register(variables: tf.Variable[]): void {
    if (variables.length === 0) throw new Error('no variable has a gradient, expected at least one');
    this.keys = stateKeys(variables);
    const groups = new Map<string, tf.Variable[]>();
    for (const variable of variables) {
      const name = siloOf(this.options.silos ?? 'tensor', this.keyOf(variable));
      groups.set(name, [...(groups.get(name) ?? []), variable]);
    }
    const silos = [...groups].map(([name, group]) => ({name, variables: group, sizes: group.map(({size}) => size)}));
    const siloSizes = silos.map(({sizes}) => sum(sizes));
    const total = totalBudget(this.options, sum(siloSizes), this.iterations);
    const shares = shareBudget(total, siloSizes);
    if (this.saved.size > 0) checkSaved(this.saved, this.expected(silos));

    // From here on nothing can fail but an allocation.
    const {saved} = this;
    this.saved = new Map();
    for (const [name, shape] of this.expectedSlots(variables)) {
      this.slots.set(name, saved.get(name) ?? tf.keep(tf.zeros(shape)));
    }
    this.budgets = {total, shares};
    this.silos = silos.map((silo, i) => {
      const [mask, seeds, info] = stateNames(silo.name).map((name) => saved.get(name));
      const state = mask && seeds && info && restoreState([mask, seeds, info]);
      return {...silo, budget: shares[i], state: state ?? this.firstState(silo, shares[i])};
    });
  }

  /** Names, shapes and dtypes of everything that is kept for these silos; the length of `seeds` is free. */
  private expected(silos: readonly Pick<Silo, 'name' | 'variables' | 'sizes'>[]): Map<string, Kept> {
    const expected = new Map<string, Kept>();
    for (const {name, variables, sizes} of silos) {
      for (const [slot, shape] of this.expectedSlots(variables)) expected.set(slot, {shape, dtype: 'float32'});
      const [mask, seeds, info] = stateNames(name);
      expected.set(mask, {shape: [maskWords(sizes)], dtype: 'int32'});
      expected.set(seeds, {shape: [null], dtype: 'float32'});
      expected.set(info, {shape: [INFO_LENGTH], dtype: 'int32'});
    }
    return expected;
  }

  private keyOf(variable: tf.Variable): string {
    return this.keys.get(variable) ?? variable.name;
  }

  /** The name that a variable's slot is kept and saved under. */
  protected slotName(variable: tf.Variable, slot: string): string {
    return `slots/${this.keyOf(variable)}/${slot}`;
  }

  private expectedSlots(variables: readonly tf.Variable[]): Map<string, number[]> {
    const shapes = variables.flatMap((variable) =>
      Object.entries(this.slotShapes(variable)).map(([slot, shape]): [string, number[]] => [
        this.slotName(variable, slot),
        shape,
      ]),
    );
    return new Map(shapes);
  }

  private firstState({variables, sizes}: Pick<Silo, 'variables' | 'sizes'>, budget: number): SubsetState<tf.Tensor> {
    const tensors = variables.map(({name, size}) => ({name, size}));
    const chosen = this.options.initialSubset?.(tensors, budget) ?? sizes.map(() => new Uint32Array(0));
    const entries = chosen.map((positions) => ({positions, seeds: new Float32Array(positions.length)}));
    const arrays = packSubset(entries, sizes);
    return tf.tidy(() => {
      const [mask, , info] = stateFromArrays(arrays);
      const seeds = variables.flatMap((variable, i) => {
        if (chosen[i].length === 0) return [];
        const flat: tf.Tensor1D = tf.reshape(variable, [variable.size]);
        return [tf.gather(flat, tf.tensor1d(Int32Array.from(chosen[i]), 'int32'))];
      });
      return [tf.keep(mask), tf.keep(seeds.length > 0 ? tf.concat1d(seeds) : tf.zeros([1])), tf.keep(info)];
    });
  }

  private updateBudgets(step: number): void {
    const sizes = this.silos.map((silo) => sum(silo.sizes));
    const total = totalBudget(this.options, sum(sizes), step);
    if (total !== this.budgets.total) this.budgets = {total, shares: shareBudget(total, sizes)};
    for (const [i, silo] of this.silos.entries()) silo.budget = this.budgets.shares[i];
  }

  private checkRegistered(gradients: ReadonlyMap<string, tf.Tensor>): void {
    const variables = this.silos.flatMap((silo) => silo.variables);
    for (const variable of variables) {
      if (variable.isDisposed) throw new Error(`variable '${variable.name}' is disposed, expected it to live on`);
    }
    const known = new Set(variables.map(({name}) => name));
    for (const name of gradients.keys()) {
      if (known.has(name)) continue;
      throw new Error(
        `variable '${name}' has its first gradient at step ${this.iterations}, after the budgets were shared: ` +
          'expected it at the first step, or its name in the option `variables`',
      );
    }
  }
}

function checkOptions({reselectEvery = 1, freezeAfter = 0, eta = DEFAULT_ETA, ...budget}: SubsetOptions): void {
  const whole = (name: string, value: number, least: number) => {
    if (Number.isSafeInteger(value) && value >= least) return;
    throw new Error(`${name} is ${value}, expected a whole number of at least ${least}`);
  };
  whole('reselectEvery', reselectEvery, 1);
  whole('freezeAfter', freezeAfter, 0);
  if (!(eta > 0 && Number.isFinite(eta))) throw new Error(`eta is ${eta}, expected a finite number above 0`);
  const {distance = 'absolute'} = budget;
  if (!DISTANCES.includes(distance)) {
    throw new Error(`distance is '${distance}', expected one of ${DISTANCES.join(', ')}`);
  }
  // Whatever can be known of a budget before the model is: a share or a count that no model could have.
  totalBudget(budget, Number.MAX_SAFE_INTEGER, 0);
}

function gradientsByName(gradients: tf.NamedTensorMap | NamedTensor[]): Map<string, tf.Tensor> {
  const byName = new Map<string, tf.Tensor>();
  const entries = Array.isArray(gradients)
    ? gradients.map(({name, tensor}): [string, tf.Tensor | null | undefined] => [name, tensor])
    : Object.entries(gradients);
  for (const [name, tensor] of entries) {
    // Null: not trainable. Undefined: not used in the loss.
    if (tensor !== null && tensor !== undefined) byName.set(name, tensor);
  }
  return byName;
}

function variableNamed(name: string): tf.Variable {
  const registered: Record<string, tf.Variable> = tf.engine().registeredVariables;
  const variable = Object.hasOwn(registered, name) ? registered[name] : undefined;
  if (variable === undefined) throw new Error(`unknown variable '${name}', expected the name of a tf.Variable`);
  assertSingleCore(variable);
  if (variable.dtype !== 'float32') {
    throw new Error(`variable '${name}' has dtype ${variable.dtype}, expected float32`);
  }
  return variable;
}

async function copy(tensor: tf.Tensor): Promise<tf.Tensor> {
  // By way of the host: the optimizer writes its tensors in place, so a clone would change with them.
  const values = await tensor.data();
  return tf.tensor(values.slice(), tensor.shape, tensor.dtype);
}

/** A state's tensors as the active backend keeps them, from saved ones, which are disposed of. */
function restoreState(saved: SubsetState<tf.Tensor>): SubsetState<tf.Tensor> {
  const [mask, seeds, info] = saved;
  const arrays: SubsetStateArrays = [mask.dataSync<'int32'>(), seeds.dataSync<'float32'>(), info.dataSync<'int32'>()];
  const state = stateFromArrays(arrays);
  tf.dispose(saved);
  for (const tensor of state) tf.keep(tensor);
  return state;
}

function checkSame(what: string, tensor: tf.Tensor, expected: tf.Tensor): void {
  if (!sameShape(tensor.shape, expected.shape)) {
    throw new Error(`${what} has shape [${tensor.shape}], expected [${expected.shape}]`);
  }
  if (tensor.dtype !== expected.dtype) throw new Error(`${what} has dtype ${tensor.dtype}, expected ${expected.dtype}`);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** What a saved tensor must be like; null stands for any length. */
interface Kept {
  shape: (number | null)[];
  dtype: tf.DataType;
}

function checkSaved(saved: ReadonlyMap<string, tf.Tensor>, expected: ReadonlyMap<string, Kept>): void {
  for (const name of saved.keys()) {
    if (!expected.has(name)) throw new Error(`saved '${name}' belongs to none of the variables`);
  }
  for (const [name, {shape, dtype}] of expected) {
    const tensor = saved.get(name);
    if (tensor === undefined) throw new Error(`saved weights lack '${name}'`);
    const fits =
      tensor.shape.length === shape.length && shape.every((size, i) => size === null || size === tensor.shape[i]);
    if (!fits || tensor.dtype !== dtype) {
      throw new Error(`saved '${name}' is ${tensor.dtype} [${tensor.shape}], expected ${dtype} [${shape}]`);
    }
  }
}

function stateNames(silo: string): [mask: string, seeds: string, info: string] {
  return [`subset/${silo}/mask`, `subset/${silo}/seeds`, `subset/${silo}/info`];
}

/**
 * The names that variables' states are kept under: their own without the number that tfjs-layers appends where a name
 * is taken (`dense/kernel_1`), unless two would then be the same. So a model that is loaded beside the one that was
 * saved finds its state again.
 */
function stateKeys(variables: readonly tf.Variable[]): Map<tf.Variable, string> {
  const short = (name: string) => name.replace(/_\d+$/, '');
  const count = new Map<string, number>();
  for (const {name} of variables) count.set(short(name), (count.get(short(name)) ?? 0) + 1);
  return new Map(
    variables.map((variable) => [
      variable,
      count.get(short(variable.name)) === 1 ? short(variable.name) : variable.name,
    ]),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
