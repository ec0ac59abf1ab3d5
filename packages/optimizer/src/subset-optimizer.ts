import {check} from '@subset-tuning/checks';
import {DEFAULT_ETA, type Distance, readState, type SubsetState} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {shareBudget, totalBudget} from './budgets.js';
import {optionsToConfig} from './config.js';
import {findVariable} from './find-variable.js';
import {firstPositions, firstState} from './first-state.js';
import {NAMED_TENSORS, type NamedTensor, namedGradients} from './named-gradients.js';
import {checkSaved, copyTensor, restoreState, slotName, stateKeys, stateNames} from './saved-state.js';
import {groupBySilo, type Silo} from './silos.js';
import type {SubsetOptions} from './subset-options.js';
import {readStats, type SubsetStats} from './subset-stats.js';
import {sum} from './sum.js';
import {readChanges, type TensorChange} from './tensor-change.js';
import {trainableParameters} from './trainable-parameters.js';

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
 * The part that all subset optimizers share: which variables take part, their budgets, the state of each subset, and
 * what reads and saves it. How a silo steps is for the subclass to say.
 */
export abstract class SubsetOptimizer extends tf.Optimizer {
  protected silos: Silo[] = [];
  /** Slots by {@link slotName}. */
  protected readonly slots = new Map<string, tf.Tensor>();
  /** What each variable's state is kept under, see `stateKeys`. */
  private keys = new Map<tf.Variable, string>();
  /** Weights that arrived before the variables were known, by name. Never computed with, so still on the host. */
  private saved = new Map<string, tf.Tensor>();
  private budgets: {total: number; shares: number[]} = {total: 0, shares: []};

  constructor(protected readonly options: SubsetOptions) {
    super();
  }

  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    const byName = namedGradients(gradients);
    if (this.silos.length === 0) this.register((this.options.variables ?? [...byName.keys()]).map(findVariable));
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

  /** The slots that a variable needs: name → shape. They start as zeros and are kept in {@link slots}. */
  protected abstract slotShapes(variable: tf.Variable): Record<string, number[]>;

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

  /** The options as JSON. */
  protected savedOptions(): Record<string, unknown> {
    return optionsToConfig(this.options, this.silos, (variable) => this.keyOf(variable));
  }

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
  stats(): Promise<SubsetStats> {
    return readStats(this.silos);
  }

  /**
   * The subset as it is now: for each variable, in registration order, where it differs from the seed, the tuned
   * values there and the pretrained ones. Variables without a change are left out. This is what a delta is made of.
   */
  subset(): Promise<TensorChange[]> {
    return readChanges(this.silos);
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
    for (const [name, tensor] of [...this.saved, ...this.slots]) weights.push({name, tensor: await copyTensor(tensor)});
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
    check('setWeights: weights', weights, NAMED_TENSORS);
    if (weights[0]?.name !== 'iter') {
      throw new Error(`setWeights: the first weight is '${weights[0]?.name}', expected 'iter'`);
    }
    const saved = new Map(weights.slice(1).map(({name, tensor}) => [name, tensor]));
    const variables = this.silos.flatMap((silo) => silo.variables);
    if (variables.length > 0) checkSaved(saved, this.silos, this.expectedSlots(variables));
    const copies = new Map<string, tf.Tensor>();
    for (const [name, tensor] of saved) copies.set(name, tf.keep(await copyTensor(tensor)));
    await this.extractIterations(weights);
    this.release();
    this.saved = copies;
    if (variables.length > 0) this.register(variables);
  }

  override dispose(): void {
    this.release();
    super.dispose();
  }

  private release(): void {
    tf.dispose([...this.saved.values(), ...this.slots.values()]);
    for (const {state, nonFiniteGradients} of this.silos) {
      tf.dispose(state);
      nonFiniteGradients?.dispose();
    }
    this.saved.clear();
    this.slots.clear();
    this.silos = [];
  }

  private register(variables: tf.Variable[]): void {
    if (variables.length === 0) throw new Error('no variable has a gradient, expected at least one');
    this.keys = stateKeys(variables);
    const silos = groupBySilo(this.options.silos ?? 'tensor', variables, (variable) => this.keyOf(variable));
    const siloSizes = silos.map(({sizes}) => sum(sizes));
    const total = totalBudget(this.options, sum(siloSizes), this.iterations);
    const shares = shareBudget(total, siloSizes);
    const slots = this.expectedSlots(variables);
    const isNew = this.saved.size === 0;
    if (!isNew) checkSaved(this.saved, silos, slots);
    const chosen = silos.map((silo, i) =>
      firstPositions(silo, shares[i], isNew ? this.options.initialSubset : undefined),
    );

    // From here on nothing can fail but an allocation.
    const {saved} = this;
    this.saved = new Map();
    for (const [name, shape] of slots) this.slots.set(name, saved.get(name) ?? tf.keep(tf.zeros(shape)));
    this.budgets = {total, shares};
    this.silos = silos.map((silo, i) => {
      const state = restoreState(saved, silo.name) ?? firstState(silo, chosen[i]);
      return {...silo, budget: shares[i], state};
    });
  }

  private keyOf(variable: tf.Variable): string {
    return this.keys.get(variable) ?? variable.name;
  }

  /** The name that a variable's slot is kept and saved under. */
  protected slotName(variable: tf.Variable, slot: string): string {
    return slotName(this.keyOf(variable), slot);
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
