import {check, map, wholeNumber} from '@subset-tuning/checks';
import {DEFAULT_ETA, readState, type SubsetState, type SubsetStateArrays, subsetProject} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {siloBudgets, totalBudget} from './budgets.js';
import {optionsToConfig} from './config.js';
import {findVariable} from './find-variable.js';
import {allPositions, checkPositions} from './first-state.js';
import {HostTensor} from './host-tensor.js';
import {disposeMembers, joinMembers, type Members, newMembers, restoredMembers, stateOf} from './members.js';
import {type Gradients, NAMED_TENSORS, type NamedTensor, namedGradients} from './named-gradients.js';
import {siloToSaved} from './saved-state.js';
import {readSaved, type SavedTensor, savedVariables} from './saved-variable.js';
import type {SiloStep, Weighing} from './silo-step.js';
import type {Silo} from './silos.js';
import {FAR, otherSubset, sameSubset} from './stand-ins.js';
import type {SubsetOptions} from './subset-options.js';
import {readStats, reportOf, type SubsetStats} from './subset-stats.js';
import {sum} from './sum.js';
import {readChanges, type TensorChange} from './tensor-change.js';
import {trainableParameters} from './trainable-parameters.js';
import {whileHeld} from './while-held.js';

/**
 * The part that all subset optimizers share: which variables take part, their budgets, the state of each subset, and
 * what reads and saves it. How a silo steps is for the subclass to say.
 */
export abstract class SubsetOptimizer extends tf.Optimizer {
  protected members: Members = nobody();
  /** The data that each variable had after the last step: one that is assigned to has other data. */
  private readonly held = new Map<tf.Variable, object>();
  /** What arrived before the variables were known, by name. */
  private saved: ReadonlyMap<string, SavedTensor> = new Map();
  /** What the silos' budgets were shared out of last. */
  private shared = {total: 0, size: 0};

  constructor(protected readonly options: SubsetOptions) {
    super();
  }

  /** As in the base class, which leaves the gradients behind where a step throws. */
  override minimize(f: () => tf.Scalar, returnCost?: boolean, varList?: tf.Variable[]): tf.Scalar | null {
    return tf.tidy(() => super.minimize(f, returnCost, varList) ?? undefined) ?? null;
  }

  override applyGradients(gradients: Gradients): void {
    const byName = namedGradients(gradients);
    const isFirst = this.members.silos.length === 0;
    if (isFirst) this.members = this.firstMembers([...byName.keys()]);
    else this.checkHeld('applyGradients');
    try {
      const known = this.members.variables.filter(({name}) => byName.has(name));
      if (known.length < byName.size) this.join([...byName.keys()]);
      this.advance(byName, gradients);
    } catch (error) {
      // Where a silo has stepped, what is kept of it is needed: the weights are not what they were.
      if (isFirst && this.held.size === 0) this.forget();
      else this.saved = new Map();
      throw error;
    }
    this.saved = new Map();
    // Those that have stepped are there already.
    if (this.held.size < this.members.variables.length) this.holdAll();
    this.incrementIterations();
  }

  /**
   * Steps every silo in which a variable has a gradient. `gradients` are all of them, by name; `given` is what the caller
   * passed.
   */
  protected abstract step(
    silos: readonly SiloStep[],
    gradients: ReadonlyMap<string, tf.Tensor>,
    given: Gradients,
  ): void;

  /** The slots that a variable needs: name → shape. They start as zeros. */
  protected abstract slotShapes(variable: tf.Variable): Record<string, number[]>;

  private firstMembers(given: readonly string[]): Members {
    const {variables} = this.options;
    // With a model that was loaded beside another comes a list of that one's names.
    const isOther = this.saved.size > 0 && given.some((name) => !variables?.includes(name));
    const names = isOther || variables === undefined ? given : variables;
    const found = names.map(findVariable).filter(({size}) => size > 0);
    if (found.length === 0) throw new Error('no variable has a gradient, expected at least one');
    const slotShapes = (variable: tf.Variable) => this.slotShapes(variable);
    return this.saved.size > 0
      ? restoredMembers(this.saved, found, this.options, slotShapes)()
      : newMembers(found, this.options, slotShapes, this.iterations);
  }

  /** Takes in variables that have their first gradient. */
  private join(given: readonly string[]): void {
    const known = new Set(this.members.variables.map(({name}) => name));
    const added = given.flatMap((name) => (known.has(name) ? [] : [findVariable(name)])).filter(({size}) => size > 0);
    if (added.length === 0) return;
    if (this.options.variables !== undefined) {
      throw new Error(`variable '${added[0].name}' has a gradient, expected only those of the option \`variables\``);
    }
    joinMembers(this.members, added, this.options, (variable) => this.slotShapes(variable));
  }

  private advance(gradients: ReadonlyMap<string, tf.Tensor>, given: Gradients): void {
    const step = this.iterations;
    const {freezeAfter = Infinity, reselectEvery = 1, distance = 'absolute', eta = DEFAULT_ETA} = this.options;
    const reselect = step < freezeAfter && step % reselectEvery === 0;
    if (reselect) this.updateBudgets(step);
    const stepping: SiloStep[] = [];
    const resting: SiloStep[] = [];
    for (const silo of this.members.silos) {
      const own = silo.variables.map(({name}) => gradients.get(name));
      const selection = {k: silo.budget, reselect, distance, eta};
      const isResting = own.every((gradient) => gradient === undefined);
      (isResting ? resting : stepping).push({silo, step, gradients: own, selection});
    }
    this.step(stepping, gradients, given);
    for (const siloStep of resting) this.rest(siloStep);
  }

  /** What a projection weighs distances by, in a tidy: by default nothing. */
  protected weighing(_silo: Silo, {distance}: SiloStep['selection']): Weighing {
    if (distance !== 'fisher') return {distance};
    throw new Error('distance is "fisher", expected a rule that keeps a second moment');
  }

  private updateBudgets(step: number): void {
    const {silos} = this.members;
    const size = sum(silos.map((silo) => sum(silo.sizes)));
    const total = totalBudget(this.options, size, step);
    if (total === this.shared.total && size === this.shared.size) return;
    const shares = siloBudgets(this.options, silos, step);
    for (const [i, silo] of silos.entries()) silo.budget = shares[i];
    this.shared = {total, size};
  }

  /** Passes a silo by, but for what a smaller budget has no room for: that goes back to its seed. */
  private rest({silo, selection, ...siloStep}: SiloStep): void {
    silo.nonFiniteGradients?.dispose();
    delete silo.nonFiniteGradients;
    if (!selection.reselect || selection.k >= silo.bound) {
      silo.rested = true;
      return;
    }
    const {variables, state} = silo;
    const result = tf.tidy(() => {
      const options = {
        proposals: variables,
        current: variables,
        state,
        ...selection,
        ...this.weighing(silo, selection),
      };
      return subsetProject(options);
    });
    // As if all had gradients: every one of them takes what comes out.
    this.adopt({...siloStep, silo, selection, gradients: variables}, result);
  }

  /**
   * Takes over what a kernel made of a silo: the new state, and the new values of the variables that have a gradient. One
   * that has none keeps its values, but for those that the budget has no room for any more.
   *
   * @param absent how many elements the kernel counted as gradients that are not finite and were none.
   */
  protected adopt(
    {silo, gradients, selection: {k, reselect, distance}}: SiloStep,
    {parameters, state}: {parameters: tf.Tensor[]; state: SubsetState<tf.Tensor>},
    absent = 0,
  ): void {
    // By a weighted distance nothing is far from a seed of zero, by a weighed one nothing that weighs nothing.
    const mayDrop = reselect && (k < silo.bound || distance === 'weighted' || distance === 'fisher');
    silo.variables.forEach((variable, i) => {
      if (gradients[i] !== undefined) this.assign(variable, parameters[i]);
      else if (mayDrop) {
        const value = tf.tidy(() => tf.where(tf.equal(parameters[i], FAR), variable, parameters[i]));
        this.assign(variable, value);
        value.dispose();
      }
      parameters[i].dispose();
    });
    for (const tensor of state) tf.keep(tensor);
    silo.state = state;
    silo.absent = absent;
    silo.rested = false;
    if (reselect) silo.bound = k;
  }

  /** Gives a variable back what it held before a step that failed. */
  protected giveBack(variable: tf.Variable, value: tf.Tensor): void {
    if (variable.dataId === value.dataId) return;
    variable.assign(value);
    if (this.held.has(variable)) this.held.set(variable, variable.dataId);
  }

  private assign(variable: tf.Variable, value: tf.Tensor): void {
    variable.assign(value);
    this.held.set(variable, variable.dataId);
  }

  /** Counts the elements that are not finite, for {@link stats}. */
  protected countNonFinite({silo, gradients}: SiloStep): void {
    silo.nonFiniteGradients?.dispose();
    silo.nonFiniteGradients = tf.tidy(() => {
      const given = gradients.filter((gradient) => gradient !== undefined);
      const counts = given.map((gradient) => tf.sum(tf.cast(tf.logicalNot(tf.isFinite(gradient)), 'int32')));
      return tf.keep(tf.reshape(tf.addN(counts), []));
    });
  }

  /** The options as JSON. */
  protected savedOptions(): Record<string, unknown> {
    return optionsToConfig(this.options, this.members);
  }

  /**
   * What the last step did, read from the device when asked for: a step itself reads nothing back. Of one step, also where
   * further ones go on meanwhile.
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
    return readStats(this.members.silos);
  }

  /**
   * The subset as it is when this is called: for each variable, in registration order, where it differs from the seed, the
   * tuned values there and the pretrained ones. Variables without a change are left out. This is what a delta is made of.
   *
   * @throws where somebody else has assigned to a variable since the last step, see {@link rebase}.
   */
  async subset(): Promise<TensorChange[]> {
    this.checkHeld('subset');
    return readChanges(this.members.silos);
  }

  /**
   * Takes what the variables hold now for their seeds: after a delta was merged, or other weights were loaded. The subset is
   * empty then; one that stays as it is, from `freezeAfter` on, keeps its places. Slots and the number of steps stay.
   *
   * @throws where a saved state waits for the first step.
   *
   * @example
   * ```ts
   * import * as tf from '@tensorflow/tfjs';
   * import {dynamicSubset, sgd} from '@subset-tuning/optimizer';
   * const weights = tf.variable(tf.ones([10]));
   * const optimizer = dynamicSubset(sgd({learningRate: 0.1}), {parameters: 3});
   * optimizer.minimize(() => tf.sum(tf.square(weights)));
   * weights.assign(tf.zeros([10]));
   * optimizer.rebase();
   * (await optimizer.subset()).length; // 0
   * ```
   */
  rebase(): void {
    if (this.saved.size > 0)
      throw new Error('rebase: a saved state waits for the first step, expected that step first');
    const isFixed = this.iterations >= (this.options.freezeAfter ?? Infinity);
    for (const silo of this.members.silos) {
      const state = isFixed ? sameSubset(silo, silo.variables) : stateOf(silo);
      tf.dispose(silo.state);
      Object.assign(silo, {state, rested: true, bound: isFixed ? silo.bound : 0});
    }
    this.holdAll();
  }

  /**
   * Puts other entries in the subset: those that leave it go back to their seeds, bit for bit, and those that come begin at
   * theirs. For a choice that is made elsewhere and from time to time, with `freezeAfter: 0` so that no step makes its own.
   * Slots and the number of steps stay.
   *
   * @param positions ascending flat positions by the variable's name. What is not named has nothing in the subset, but for
   * variables that are tuned whole, which stay so.
   * @throws before the first step; where a name is not of one of the variables; where positions do not ascend, lie outside or
   * are more than the silo's budget; where somebody else has assigned to a variable. Nothing has changed then.
   *
   * @example
   * ```ts
   * import * as tf from '@tensorflow/tfjs';
   * import {dynamicSubset, sgd} from '@subset-tuning/optimizer';
   * const weights = tf.variable(tf.tensor1d([1, 2, 3]), true, 'weights');
   * const initialSubset = () => [Uint32Array.of(0)];
   * const optimizer = dynamicSubset(sgd({learningRate: 0.25}), {parameters: 1, freezeAfter: 0, initialSubset});
   * optimizer.minimize(() => tf.sum(tf.square(weights))); // [0.5, 2, 3]
   * optimizer.setSubset(new Map([['weights', Uint32Array.of(2)]])); // [1, 2, 3]
   * optimizer.minimize(() => tf.sum(tf.square(weights))); // [1, 2, 1.5]
   * ```
   */
  setSubset(positions: ReadonlyMap<string, Uint32Array>): void {
    check('setSubset: positions', positions, POSITIONS);
    this.checkHeld('setSubset');
    const {silos, variables} = this.members;
    if (silos.length === 0) throw new Error('setSubset: the variables are known after the first step');
    for (const name of positions.keys()) {
      if (variables.some((variable) => variable.name === name)) continue;
      const names = variables.map((variable) => variable.name).join(', ');
      throw new Error(`setSubset: there is no variable '${name}', expected some of ${names}`);
    }
    const chosen = silos.map(({variables, sizes, isWhole}) =>
      isWhole ? sizes.map(allPositions) : variables.map(({name}) => positions.get(name) ?? NONE),
    );
    for (const [i, {name, sizes, budget}] of silos.entries()) {
      checkPositions(`setSubset: positions of silo '${name}'`, chosen[i], sizes, budget);
    }
    for (const [i, silo] of silos.entries()) {
      const {parameters, state} = otherSubset(silo, chosen[i]);
      for (const [j, variable] of silo.variables.entries()) this.assign(variable, parameters[j]);
      tf.dispose([...parameters, ...silo.state]);
      for (const tensor of state) tf.keep(tensor);
      Object.assign(silo, {state, rested: true, bound: sum(chosen[i].map(({length}) => length))});
    }
  }

  /**
   * The line that PEFT's `print_trainable_parameters` prints: the budget, the model's size, the share. Known after the
   * first step.
   *
   * @throws before the first step, when the variables are not known yet.
   */
  trainableParameters(): string {
    const {silos} = this.members;
    if (silos.length === 0) throw new Error('trainableParameters: the variables are known after the first step');
    const budget = sum(silos.map((silo) => silo.budget));
    return trainableParameters(budget, sum(silos.map((silo) => sum(silo.sizes))));
  }

  /**
   * The number of steps, slots and subset states, each a copy under a name of its own: `slots/<variable>/<slot>`,
   * `subset/<variable>/<part>`. As they are when this is called. The copies lie on the host and need not be disposed of:
   * tfjs, which saves a model by them, does not do so either.
   *
   * @throws where somebody else has assigned to a variable since the last step, see {@link rebase}.
   */
  override async getWeights(): Promise<NamedTensor[]> {
    this.checkHeld('getWeights');
    const {iterations, saved} = this;
    const kept = await this.readMembers();
    const tensors = Array.from([...saved, ...kept], ([name, {values, shape, dtype}]) => {
      return {name, tensor: new HostTensor(values, shape, dtype)};
    });
    return [{name: 'iter', tensor: new HostTensor(Int32Array.of(iterations), [], 'int32')}, ...tensors];
  }

  private readMembers(): Promise<[name: string, tensor: SavedTensor][]> {
    const {variables, silos, slots} = this.members;
    const names = variables.map(({name}) => name);
    const slotNames = [...slots.keys()];
    const owners = silos.map((silo) => ({...silo, report: reportOf(silo)}));
    return whileHeld([...slots.values(), ...silos.flatMap(({state}) => state)], async (held) => {
      const read = new Map<string, SavedTensor>();
      for (const [i, name] of slotNames.entries()) {
        read.set(name, {shape: held[i].shape, dtype: 'float32', values: (await held[i].data<'float32'>()).slice()});
      }
      for (const [i, silo] of owners.entries()) {
        const [mask, seeds, info] = held.slice(slotNames.length + 3 * i);
        const [maskWords, seedValues, infoWords] = await readState([mask, seeds, info]);
        const arrays: SubsetStateArrays = [maskWords, seedValues, silo.report(infoWords)];
        for (const [name, tensor] of siloToSaved(silo, {arrays, budget: silo.budget})) read.set(name, tensor);
      }
      // In registration order, by which a model of other names finds its state.
      const byVariable = savedVariables(read);
      return names.flatMap((name) => [...(byVariable.get(name)?.tensors ?? [])]);
    });
  }

  /**
   * Goes on from what {@link getWeights} gave, before or after the first step, with the weights as they are then. The
   * tensors are copied.
   *
   * @throws where what was saved is not what this optimizer keeps, or its parts do not fit one another; nothing has changed
   * then. Before the first step the variables are not known: then the first step throws.
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    check('setWeights: weights', weights, NAMED_TENSORS);
    if (weights[0]?.name !== 'iter') {
      throw new Error(`setWeights: the first weight is '${weights[0]?.name}', expected 'iter'`);
    }
    const [iterations] = await weights[0].tensor.data();
    check("setWeights: saved 'iter'", iterations, wholeNumber(0));
    const saved = await readSaved(weights.slice(1));
    const {variables} = this.members;
    const restore =
      variables.length > 0 && restoredMembers(saved, variables, this.options, (variable) => this.slotShapes(variable));
    this.forget();
    this.iterations_ = iterations;
    if (restore) {
      this.members = restore();
      this.holdAll();
    } else this.saved = saved;
  }

  override dispose(): void {
    this.forget();
    this.saved = new Map();
    super.dispose();
  }

  /** Back to before the first step. */
  private forget(): void {
    disposeMembers(this.members);
    this.members = nobody();
    this.held.clear();
    this.shared = {total: 0, size: 0};
  }

  /** Takes what the variables hold now for what the optimizer left. */
  private holdAll(): void {
    for (const variable of this.members.variables) this.held.set(variable, variable.dataId);
  }

  /** Throws where a variable does not hold any more what the last step left. */
  protected checkHeld(what: string): void {
    for (const [variable, data] of this.held) {
      if (variable.isDisposed) throw new Error(`variable '${variable.name}' is disposed, expected it to live on`);
      if (variable.dataId === data) continue;
      throw new Error(
        `${what}: variable '${variable.name}' has been assigned to since the last step, expected the values that the ` +
          'optimizer gave it: rebase() takes what it holds now for its seed, setWeights() goes on from a saved state',
      );
    }
  }
}

const POSITIONS = map('a Map of ascending positions by the name of their variable');
const NONE = new Uint32Array();

function nobody(): Members {
  return {variables: [], silos: [], slots: new Map()};
}
