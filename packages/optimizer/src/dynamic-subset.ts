import {check, type Kinds, optional} from '@subset-tuning/checks';
import {copyState, subsetProject, subsetStep} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {clipScale, finiteOrZero, NORM} from './clip.js';
import {optionsFromConfig, ruleFromConfig, toConfigDict} from './config.js';
import type {Silo} from './silos.js';
import {type SiloStep, SubsetOptimizer} from './subset-optimizer.js';
import {checkSubsetOptions, SUBSET_OPTIONS, type SubsetOptions} from './subset-options.js';
import {type ElementwiseRule, type TensorRule, type UpdateRule, updateRule} from './update-rule.js';

/** What {@link dynamicSubset} can be told. */
export interface DynamicSubsetOptions extends SubsetOptions {
  /** Gradients are scaled down together to at most this norm. Default: not at all. */
  clipNorm?: number;
}

const DYNAMIC_SUBSET_OPTIONS: Kinds<DynamicSubsetOptions> = {
  ...SUBSET_OPTIONS,
  clipNorm: optional(NORM),
};

/**
 * Dynamic Subset Tuning (Stahlberg et al. 2024, arXiv 2411.08610) as a tfjs optimizer.
 *
 * At every step the update rule proposes new values for all parameters; in each silo the proposals that then lie
 * farthest from the pretrained seed keep their new value, as many as the budget allows; all others go back to the
 * seed, bit for bit. The seed is what the variables hold at the first step. Only what differs from it is remembered:
 * a bit a parameter and the seed values of the subset, n/8 + 4k bytes beside the rule's slots.
 *
 * A variable without a gradient counts as gradient zero; an element that is not finite changes nothing.
 *
 * @param rule the update rule: `sgd`, `momentum`, `adam`, `adamw` or `adafactor`.
 * @param options the budget (`density` or `parameters`), silos, distance, and when to choose the subset anew.
 * @throws where the budget, an option, a variable or the shape of a gradient is not as described; nothing has changed.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {adamw, dynamicSubset} from '@subset-tuning/optimizer';
 *
 * const weights = tf.variable(tf.randomNormal([20, 50]));
 * const optimizer = dynamicSubset(adamw({learningRate: 0.1}), {density: 0.01});
 * for (let step = 0; step < 5; step++) optimizer.minimize(() => tf.mean(tf.square(weights)));
 * console.log(optimizer.trainableParameters()); // trainable params: 10 || all params: 1,000 || trainable%: 1.0000
 * ```
 */
export function dynamicSubset(rule: UpdateRule, options: DynamicSubsetOptions): DynamicSubsetOptimizer {
  return new DynamicSubsetOptimizer(rule, options);
}

/** What {@link dynamicSubset} makes. */
export class DynamicSubsetOptimizer extends SubsetOptimizer {
  static readonly className = 'DynamicSubset';

  constructor(
    readonly rule: UpdateRule,
    private readonly dynamicOptions: DynamicSubsetOptions,
  ) {
    check('dynamicSubset: rule', rule, updateRule);
    checkSubsetOptions('dynamicSubset', dynamicOptions, DYNAMIC_SUBSET_OPTIONS);
    super(dynamicOptions);
  }

  protected override step(gradients: ReadonlyMap<string, tf.Tensor>, of: (silo: Silo) => SiloStep): void {
    const {clipNorm} = this.dynamicOptions;
    const scale = clipNorm === undefined ? undefined : clipScale([...gradients.values()], clipNorm);
    for (const silo of this.silos) {
      const {all, made} = this.gradientsOf(silo, gradients);
      if (this.rule.kind === 'elementwise') this.stepFused(this.rule, silo, all, of(silo), scale);
      else this.stepTensors(this.rule, silo, all, of(silo), scale);
      tf.dispose(made);
    }
    scale?.dispose();
  }

  private stepFused(
    rule: ElementwiseRule,
    silo: Silo,
    gradients: tf.Tensor[],
    {step, ...selection}: SiloStep,
    scale: tf.Scalar | undefined,
  ): void {
    const slots = rule.slots.map((slot) => silo.variables.map((variable) => this.slot(variable, slot)));
    const result = subsetStep({
      ...{parameters: silo.variables, gradients, slots, state: silo.state, numbers: rule.numbers(step), ...selection},
      ...(scale === undefined ? {} : {scale}),
    });
    rule.slots.forEach((slot, i) => {
      silo.variables.forEach((variable, j) => {
        this.slots.set(this.slotName(variable, slot), tf.keep(result.slots[i][j]));
      });
    });
    this.adopt(silo, result);
  }

  private stepTensors(
    rule: TensorRule,
    silo: Silo,
    gradients: tf.Tensor[],
    {step, ...selection}: SiloStep,
    scale: tf.Scalar | undefined,
  ): void {
    const seeds = rule.needsSeed ? seedsOf(silo) : silo.variables;
    const proposals = silo.variables.map((variable, i) => {
      const [proposal, slots] = tf.tidy(() => {
        const names = Object.keys(rule.slots(variable.shape));
        const old = Object.fromEntries(names.map((slot) => [slot, this.slot(variable, slot)]));
        const gradient = finiteOrZero(scale === undefined ? gradients[i] : tf.mul(gradients[i], scale));
        const made = rule.propose({step, parameter: variable, gradient, seed: seeds[i], slots: old});
        const finite = tf.isFinite(gradients[i]);
        for (const slot of names) {
          // A factored slot has no element of its own for a gradient's: there such a gradient counts as zero.
          if (old[slot].size === variable.size) made.slots[slot] = tf.where(finite, made.slots[slot], old[slot]);
        }
        return [tf.where(finite, made.proposal, variable), made.slots];
      });
      for (const [slot, tensor] of Object.entries(slots)) {
        this.slot(variable, slot).dispose();
        this.slots.set(this.slotName(variable, slot), tf.keep(tensor));
      }
      return proposal;
    });
    if (rule.needsSeed) tf.dispose(seeds);
    this.countNonFinite(silo, gradients);
    const result = subsetProject({proposals, current: silo.variables, state: silo.state, ...selection});
    tf.dispose(proposals);
    this.adopt(silo, result);
  }

  protected override slotShapes({shape}: tf.Variable): Record<string, number[]> {
    if (this.rule.kind === 'tensor') return this.rule.slots(shape);
    return Object.fromEntries(this.rule.slots.map((slot) => [slot, [...shape]]));
  }

  private slot(variable: tf.Variable, slot: string): tf.Tensor {
    const tensor = this.slots.get(this.slotName(variable, slot));
    if (tensor === undefined) throw new Error(`no slot '${slot}' of variable '${variable.name}'`);
    return tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return toConfigDict({rule: this.rule.config, ...this.savedOptions()});
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const {rule, ...options} = config;
    return new cls(ruleFromConfig(rule), optionsFromConfig(options));
  }
}

/** The pretrained values of a silo's variables: what a selection of nothing leaves. To be disposed of. */
function seedsOf({variables, state}: Silo): tf.Tensor[] {
  const selection = {k: 0, reselect: true, distance: 'absolute', eta: 1} as const;
  const result = subsetProject({proposals: variables, current: variables, state: copyState(state), ...selection});
  tf.dispose(result.state);
  return result.parameters;
}

tf.serialization.registerClass(DynamicSubsetOptimizer);
