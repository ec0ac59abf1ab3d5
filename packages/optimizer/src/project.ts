import {check, object} from '@subset-tuning/checks';
import {subsetProject} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {finiteOrZero} from './clip.js';
import {optimizerFromConfig, optionsFromConfig, toConfigDict} from './config.js';
import {NAMED_TENSORS, type NamedTensor} from './named-gradients.js';
import type {Silo} from './silos.js';
import {type SiloStep, SubsetOptimizer} from './subset-optimizer.js';
import {checkSubsetOptions, SUBSET_OPTIONS, type SubsetOptions} from './subset-options.js';

/**
 * Subset tuning around any tfjs optimizer: its own step is the proposal, which is then projected onto the subset.
 *
 * Where `dynamicSubset` knows the rule and fuses it, this knows nothing of the optimizer but `applyGradients`. An
 * element of a gradient that is not finite reaches it as zero, and its proposal stays as it was; its slots are the
 * optimizer's own affair.
 *
 * @param optimizer any tf.Optimizer; it belongs to the projected one from here on, and is disposed of with it.
 * @param options as for `dynamicSubset`.
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
export function project(optimizer: tf.Optimizer, options: SubsetOptions): ProjectedOptimizer {
  return new ProjectedOptimizer(optimizer, options);
}

const tfOptimizer = object(
  'an optimizer of tfjs, such as tf.train.adam(1e-3); dynamicSubset(rule, options) is for an update rule',
  // By what it can do: a class of another copy of tfjs is another class, which `assertSingleCore` explains.
  (value) => typeof value.applyGradients === 'function' && typeof value.getWeights === 'function',
);

const BASE = 'base/';

/** What {@link project} makes. */
export class ProjectedOptimizer extends SubsetOptimizer {
  static readonly className = 'ProjectedOptimizer';

  constructor(
    readonly base: tf.Optimizer,
    options: SubsetOptions,
  ) {
    check('project: optimizer', base, tfOptimizer);
    checkSubsetOptions('project', options, SUBSET_OPTIONS);
    super(options);
  }

  protected override step(gradients: ReadonlyMap<string, tf.Tensor>, of: (silo: Silo) => SiloStep): void {
    const variables = this.silos.flatMap((silo) => silo.variables);
    // A clone keeps the old values alive: an optimizer assigns new ones, it does not write into them.
    const before = new Map(variables.map((variable) => [variable.name, tf.clone(variable)]));
    const finite = new Map([...gradients].map(([name, gradient]) => [name, finiteOrZero(gradient)]));
    this.base.applyGradients(Object.fromEntries(finite));
    for (const silo of this.silos) {
      const {step: _, ...selection} = of(silo);
      const {all, made} = this.gradientsOf(silo, gradients);
      const current = silo.variables.map(({name}) => before.get(name) ?? tf.scalar(0));
      const proposals = tf.tidy(() =>
        silo.variables.map((variable, i) => tf.where(tf.isFinite(all[i]), variable, current[i])),
      );
      this.countNonFinite(silo, all);
      this.adopt(silo, subsetProject({proposals, current, state: silo.state, ...selection}));
      tf.dispose([...made, ...proposals]);
    }
    tf.dispose([...before.values(), ...finite.values()]);
  }

  protected override slotShapes(): Record<string, number[]> {
    return {};
  }

  override async getWeights(): Promise<NamedTensor[]> {
    const base = await this.base.getWeights();
    return [...(await super.getWeights()), ...base.map(({name, tensor}) => ({name: BASE + name, tensor}))];
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

tf.serialization.registerClass(ProjectedOptimizer);
