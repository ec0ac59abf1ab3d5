import {callable, check, type Kinds, object, optional} from '@subset-tuning/checks';
import {subsetProject} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {finiteOrZero} from './clip.js';
import {optimizerFromConfig, optionsFromConfig, toConfigDict} from './config.js';
import {hostCopy} from './host-tensor.js';
import {type Gradients, NAMED_TENSORS, type NamedTensor} from './named-gradients.js';
import type {SiloStep, Weighing} from './silo-step.js';
import type {Silo} from './silos.js';
import {standIns} from './stand-ins.js';
import {SubsetOptimizer} from './subset-optimizer.js';
import {checkSubsetOptions, SUBSET_OPTIONS, type SubsetOptions} from './subset-options.js';
import {atLeastZero} from './update-rule.js';

/** What {@link project} can be told. */
export interface ProjectOptions extends SubsetOptions {
  /**
   * How important a variable's elements are, after the base's step: a float32 tensor of its shape, by whose size their
   * distances are multiplied. It is disposed of. Not part of the config. Default: all are as important.
   */
  importance?: (variable: tf.Variable) => tf.Tensor;
}

const PROJECT_OPTIONS: Kinds<ProjectOptions> = {...SUBSET_OPTIONS, importance: optional(callable)};

/**
 * Subset tuning around any tfjs optimizer: its own step is the proposal, which is then projected onto the subset.
 *
 * Where `dynamicSubset` knows the rule and fuses it, this knows nothing of the optimizer but `applyGradients`. An
 * element of a gradient that is not finite reaches it as zero, and its proposal stays as it was; its slots are the
 * optimizer's own affair.
 *
 * @param optimizer any tf.Optimizer; it belongs to the projected one from here on, and is disposed of with it.
 * @param options as for `dynamicSubset`, and what makes importances; its distance cannot be `fisher`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {project} from '@subset-tuning/optimizer';
 *
 * const weights = tf.variable(tf.randomNormal([20, 50]));
 * const optimizer = project(tf.train.rmsprop(0.01), {density: 0.01});
 * optimizer.minimize(() => tf.mean(tf.square(weights)));
 * ```
 */
export function project(optimizer: tf.Optimizer, options: ProjectOptions): ProjectedOptimizer {
  return new ProjectedOptimizer(optimizer, options);
}

const tfOptimizer = object(
  'an optimizer of tfjs, such as tf.train.adam(1e-3); dynamicSubset(rule, options) is for an update rule',
  // By what it can do: a class of another copy of tfjs is another class, which `assertSingleCore` explains.
  (value) =>
    typeof value.applyGradients === 'function' &&
    typeof value.getWeights === 'function' &&
    // One of ours would take what is projected for weights that others assigned.
    typeof value.rebase !== 'function',
);

const BASE = 'base/';

/** What {@link project} makes. */
export class ProjectedOptimizer extends SubsetOptimizer {
  static readonly className = 'ProjectedOptimizer';

  /** Every name that came with the gradients so far, in the order in which they first came. */
  private readonly places = new Set<string>();
  private readonly importance: ProjectOptions['importance'];

  constructor(
    readonly base: tf.Optimizer,
    options: ProjectOptions,
  ) {
    check('project: optimizer', base, tfOptimizer);
    checkSubsetOptions('project', options, PROJECT_OPTIONS);
    if (options.distance === 'fisher') {
      throw new Error(
        'project: distance is "fisher", which needs a second moment that is known; expected another and `importance`',
      );
    }
    const {importance, ...rest} = options;
    super(rest);
    this.importance = importance;
  }

  /**
   * The base's learning rate; setting it sets the base's.
   *
   * @throws where the base has none, or what is set is no number of at least 0.
   *
   * @example
   * ```ts
   * import * as tf from '@tensorflow/tfjs';
   * import {project} from '@subset-tuning/optimizer';
   * const optimizer = project(tf.train.adam(0.01), {density: 0.01});
   * optimizer.learningRate = 0.001;
   * ```
   */
  get learningRate(): number {
    return baseRate(this.base).learningRate;
  }

  set learningRate(rate: number) {
    check('learningRate', rate, atLeastZero);
    const base = baseRate(this.base);
    // tfjs's sgd and momentum compute with a tensor of it, which only this method replaces.
    if (base.setLearningRate) base.setLearningRate(rate);
    else base.learningRate = rate;
  }

  /** Sets {@link learningRate}, as tfjs's own optimizers do it. */
  setLearningRate(rate: number): void {
    this.learningRate = rate;
  }

  protected override step(
    silos: readonly SiloStep[],
    gradients: ReadonlyMap<string, tf.Tensor>,
    given: Gradients,
  ): void {
    tf.tidy(() => {
      const variables = silos.flatMap(({silo}) => silo.variables);
      // A clone keeps the old values alive: an optimizer assigns new ones, it does not write into them.
      const before = new Map(variables.map((variable) => [variable, tf.clone(variable)]));
      const pending = new Set(variables);
      const finite = new Map([...gradients].map(([name, gradient]) => [name, finiteOrZero(gradient)]));
      try {
        this.stepBase(finite, given);
        for (const siloStep of silos) {
          this.stepSilo(
            siloStep,
            siloStep.silo.variables.map((variable) => before.get(variable) ?? variable),
          );
          for (const variable of siloStep.silo.variables) pending.delete(variable);
        }
      } catch (error) {
        for (const variable of pending) this.giveBack(variable, before.get(variable) ?? variable);
        throw error;
      }
    });
  }

  /** Steps the base, which may know its slots by their places in the list: a name keeps the place that it had first. */
  private stepBase(gradients: ReadonlyMap<string, tf.Tensor>, given: Gradients): void {
    for (const name of Array.isArray(given) ? given.map(({name}) => name) : Object.keys(given)) this.places.add(name);
    const list = Array.from(this.places, (name) => ({name, tensor: gradients.get(name) ?? null}));
    const like = Array.isArray(given) ? list : Object.fromEntries(list.map(({name, tensor}) => [name, tensor]));
    // tfjs, too, passes null for a variable that has no gradient, which its types do not say.
    this.base.applyGradients(like as Gradients);
  }

  /** Projects what the base has made of a silo's variables. */
  private stepSilo(siloStep: SiloStep, current: tf.Tensor[]): void {
    const {silo, gradients, selection} = siloStep;
    const stand = standIns(siloStep);
    const proposals = silo.variables.map((variable, i) => {
      const gradient = gradients[i];
      return gradient === undefined ? stand[i] : tf.tidy(() => tf.where(tf.isFinite(gradient), variable, current[i]));
    });
    this.countNonFinite(siloStep);
    const weighing = this.weighing(silo, selection, gradients);
    this.adopt(siloStep, subsetProject({proposals, current, state: silo.state, ...selection, ...weighing}));
  }

  protected override weighing(
    silo: Silo,
    selection: SiloStep['selection'],
    gradients: SiloStep['gradients'] = silo.variables,
  ): Weighing {
    const {importance} = this;
    const weighing = super.weighing(silo, selection);
    if (!importance) return weighing;
    // What is left alone stays in the subset, however important it is.
    const of = (variable: tf.Variable, i: number) =>
      gradients[i] === undefined ? tf.ones(variable.shape) : importance(variable);
    return {...weighing, importance: silo.variables.map(of)};
  }

  protected override slotShapes(): Record<string, number[]> {
    return {};
  }

  override async getWeights(): Promise<NamedTensor[]> {
    this.checkHeld('getWeights');
    const {iterations} = this;
    let base = await this.base.getWeights();
    if (this.iterations !== iterations) {
      // A step came before the answer, which has the steps of before and the variables of after it.
      disposeIterations(base);
      base = await this.base.getWeights();
    }
    // From here all is read in one go: what tfjs's optimizers give are the variables that they step on with.
    const copies = base.map(async ({name, tensor}) => ({name: BASE + name, tensor: await hostCopy(tensor)}));
    try {
      return (await Promise.all([super.getWeights(), Promise.all(copies)])).flat();
    } finally {
      disposeIterations(base);
    }
  }

  override async setWeights(weights: NamedTensor[]): Promise<void> {
    check('setWeights: weights', weights, NAMED_TENSORS);
    await super.setWeights(weights.filter(({name}) => !name.startsWith(BASE)));
    const base = weights.filter(({name}) => name.startsWith(BASE));
    await this.base.setWeights(base.map(({name, tensor}) => ({name: name.slice(BASE.length), tensor})));
  }

  override dispose(): void {
    super.dispose();
    this.base.dispose();
  }

  override getConfig(): tf.serialization.ConfigDict {
    const base = {className: this.base.getClassName(), config: this.base.getConfig()};
    return toConfigDict({base, ...this.savedOptions()});
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const {base, ...options} = config;
    return new cls(optimizerFromConfig(base), optionsFromConfig(options));
  }
}

interface WithLearningRate extends tf.Optimizer {
  learningRate: number;
  setLearningRate?(rate: number): void;
}

/** tfjs's optimizers have a learning rate, which their types do not show. */
function baseRate(base: tf.Optimizer): WithLearningRate {
  if ('learningRate' in base) return base as WithLearningRate;
  throw new Error(`learningRate: the base ${base.getClassName()} has none, expected an optimizer that has`);
}

/** Of what `getWeights` gives, the number of steps is in a new tensor each time; the others are the optimizer's own. */
function disposeIterations(weights: readonly NamedTensor[]): void {
  for (const {name, tensor} of weights) if (name === 'iter' && !(tensor instanceof tf.Variable)) tensor.dispose();
}

tf.serialization.registerClass(ProjectedOptimizer);
