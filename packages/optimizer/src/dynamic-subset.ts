import {check, type Kinds, optional} from '@subset-tuning/checks';
import {stepsTogether, subsetProject, subsetStep, subsetSteps} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {clipFactors, finiteOrZero, NORM} from './clip.js';
import {optionsFromConfig, ruleFromConfig, toConfigDict} from './config.js';
import {savedName} from './saved-variable.js';
import {type Schedule, valueAt} from './schedule.js';
import type {SiloStep, Weighing} from './silo-step.js';
import type {Silo} from './silos.js';
import {filledGradients, seedsOf, standIns} from './stand-ins.js';
import {SubsetOptimizer} from './subset-optimizer.js';
import {checkSubsetOptions, SUBSET_OPTIONS, type SubsetOptions} from './subset-options.js';
import type {SubsetStats} from './subset-stats.js';
import {sum} from './sum.js';
import {type ElementwiseRule, RULE_OPTIONS, type TensorRule, type UpdateRule, updateRule} from './update-rule.js';
import {whileHeld} from './while-held.js';

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
 * A variable without a gradient in a step is left alone in it; an element that is not finite changes nothing.
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

/** Silos of at most so many elements, all together, step in one call. Gradients that are multiplied first lie there as well. */
const TOGETHER = 2 ** 24;

/** What {@link dynamicSubset} makes. */
export class DynamicSubsetOptimizer extends SubsetOptimizer {
  static readonly className = 'DynamicSubset';

  private rate: Schedule;

  /** How many steps' norms were out of float32's range: what {@link SubsetStats.overflowedNorms} says. */
  private overflows: tf.Scalar | undefined;

  /** Silos that have stepped since they were made. */
  private readonly stepped = new WeakSet<Silo>();

  /** Whether silos step one by one, although there is a kernel for several: it said that it cannot do it. */
  private isApart = false;

  constructor(
    readonly rule: UpdateRule,
    private readonly dynamicOptions: DynamicSubsetOptions,
  ) {
    check('dynamicSubset: rule', rule, updateRule);
    checkSubsetOptions('dynamicSubset', dynamicOptions, DYNAMIC_SUBSET_OPTIONS);
    if (dynamicOptions.distance === 'fisher' && rule.secondMoment === undefined) {
      const message = `distance is "fisher" and the rule ${rule.config.rule}, which keeps no second moment`;
      throw new Error(`dynamicSubset: ${message}; expected adam, adamw or adafactor`);
    }
    super(dynamicOptions);
    this.rate = rule.config.learningRate;
  }

  /**
   * The learning rate, or its schedule, which counts the optimizer's steps: what the rule was made with, or was set since.
   * `getConfig` writes the present one. `rule` keeps its own.
   *
   * @throws where what is set is neither.
   *
   * @example
   * ```ts
   * import {adamw, dynamicSubset, linear} from '@subset-tuning/optimizer';
   * const optimizer = dynamicSubset(adamw({learningRate: 0.01}), {density: 0.01});
   * optimizer.learningRate = 0.001;
   * optimizer.setLearningRate(linear({from: 0.001, to: 0, steps: 100}));
   * ```
   */
  get learningRate(): Schedule {
    return this.rate;
  }

  set learningRate(rate: Schedule) {
    check('learningRate', rate, RULE_OPTIONS.learningRate);
    this.rate = rate;
  }

  /** Sets {@link learningRate}, as tfjs's own optimizers do it. */
  setLearningRate(rate: Schedule): void {
    this.learningRate = rate;
  }

  protected override step(silos: readonly SiloStep[], gradients: ReadonlyMap<string, tf.Tensor>): void {
    const {clipNorm} = this.dynamicOptions;
    const {rule} = this;
    tf.tidy(() => {
      const clip = clipNorm === undefined ? undefined : clipFactors([...gradients.values()], clipNorm);
      const {first, scale} = clip ?? {};
      const lower = (siloStep: SiloStep) => (first === undefined ? siloStep : multiplied(siloStep, first));
      if (rule.kind === 'elementwise') {
        for (const group of this.inGroups(silos)) tf.tidy(() => this.stepFused(rule, group.map(lower), scale));
      } else {
        for (const siloStep of silos) tf.tidy(() => this.stepTensors(rule, lower(siloStep), scale));
      }
      if (clip === undefined) return;
      const before = this.overflows;
      this.overflows = tf.keep(before === undefined ? clip.overflows : tf.add(before, clip.overflows));
      before?.dispose();
    });
  }

  /**
   * Silos that step together, where the backend does that; else each by itself. So does one that has not stepped here yet:
   * what is made anew of its slots and parameters then lies beside what it replaces for as short as can be. And one in
   * which a variable has no gradient, since what that asks of plain ops might fail when others have stepped.
   */
  private inGroups(silos: readonly SiloStep[]): SiloStep[][] {
    const most = this.isApart || !stepsTogether() ? 0 : TOGETHER;
    const groups: SiloStep[][] = [];
    let room = 0;
    for (const siloStep of silos) {
      const {silo, gradients} = siloStep;
      const size = sum(silo.sizes);
      const isAlone = !this.stepped.has(silo) || gradients.includes(undefined);
      if (groups.length > 0 && !isAlone && size <= room) {
        groups[groups.length - 1].push(siloStep);
        room -= size;
      } else {
        groups.push([siloStep]);
        room = isAlone ? 0 : most - size;
      }
    }
    return groups;
  }

  private stepFused(rule: ElementwiseRule, group: readonly SiloStep[], scale: tf.Scalar | undefined): void {
    tf.tidy(() => {
      const steps = group.map((siloStep) => {
        const {silo, step, selection} = siloStep;
        const {gradients, absent} = filledGradients(siloStep);
        const options = {
          ...{parameters: standIns(siloStep), gradients, state: silo.state, ...selection},
          // The variables then take on the results.
          overwrite: !siloStep.gradients.includes(undefined),
          slots: rule.slots.map((slot) => silo.variables.map((variable) => this.slot(variable, slot))),
          numbers: rule.numbers(step, valueAt(this.rate, step)),
          ...(scale === undefined ? {} : {scale}),
        };
        return {siloStep, options, absent};
      });
      const results = group.length > 1 ? subsetSteps(steps.map(({options}) => options)) : undefined;
      this.isApart ||= group.length > 1 && results === undefined;
      for (const [i, {siloStep, options, absent}] of steps.entries()) {
        const result = results?.[i] ?? subsetStep(options);
        for (const [j, slot] of rule.slots.entries()) {
          for (const [n, variable] of siloStep.silo.variables.entries()) {
            this.keepSlot(variable, slot, result.slots[j][n]);
          }
        }
        this.adopt(siloStep, result, absent);
        this.stepped.add(siloStep.silo);
      }
    });
  }

  private stepTensors(rule: TensorRule, siloStep: SiloStep, scale: tf.Scalar | undefined): void {
    const {silo, gradients, step, selection} = siloStep;
    const {variables} = silo;
    const learningRate = valueAt(this.rate, step);
    tf.tidy(() => {
      const seeds = rule.needsSeed ? seedsOf(silo) : variables;
      const stand = standIns(siloStep);
      const proposals = variables.map((parameter, i) => {
        const given = gradients[i];
        if (given === undefined) return stand[i];
        const [proposal, slots] = tf.tidy(() => {
          const names = Object.keys(rule.slots(parameter.shape));
          const old = Object.fromEntries(names.map((slot) => [slot, this.slot(parameter, slot)]));
          const gradient = finiteOrZero(scale === undefined ? given : tf.mul(given, scale));
          const made = rule.propose({step, learningRate, parameter, gradient, seed: seeds[i], slots: old});
          const finite = tf.isFinite(given);
          for (const slot of names) {
            // A factored slot has no element of its own for a gradient's: there such a gradient counts as zero.
            if (old[slot].size === parameter.size) made.slots[slot] = tf.where(finite, made.slots[slot], old[slot]);
          }
          return [tf.where(finite, made.proposal, parameter), made.slots];
        });
        for (const [slot, tensor] of Object.entries(slots)) {
          this.slot(parameter, slot).dispose();
          this.keepSlot(parameter, slot, tensor);
        }
        return proposal;
      });
      this.countNonFinite(siloStep);
      const weighing = this.weighing(silo, selection, gradients);
      const options = {proposals, current: variables, state: silo.state, ...selection, ...weighing};
      this.adopt(siloStep, subsetProject(options));
    });
  }

  protected override weighing(
    {variables}: Silo,
    {distance}: SiloStep['selection'],
    gradients: SiloStep['gradients'] = variables,
  ): Weighing {
    if (distance !== 'fisher') return {distance};
    const importance = variables.map((variable, i) => {
      // What is left alone stays in the subset, however important it is.
      if (gradients[i] === undefined) return tf.ones(variable.shape);
      return tf.tidy(() => tf.mul(tf.ones(variable.shape), tf.sqrt(this.secondMoment(variable))));
    });
    return {distance: 'absolute', importance};
  }

  /** An estimate from the slots, whose factors are the same for all elements. */
  private secondMoment(variable: tf.Variable): tf.Tensor {
    const {rule} = this;
    if (rule.kind === 'elementwise') return this.slot(variable, rule.secondMoment ?? '');
    const names = Object.keys(rule.slots(variable.shape));
    const slots = Object.fromEntries(names.map((slot) => [slot, this.slot(variable, slot)]));
    return rule.secondMoment?.(slots) ?? tf.ones(variable.shape);
  }

  protected override slotShapes({shape}: tf.Variable): Record<string, number[]> {
    if (this.rule.kind === 'tensor') return this.rule.slots(shape);
    return Object.fromEntries(this.rule.slots.map((slot) => [slot, [...shape]]));
  }

  private slot(variable: tf.Variable, slot: string): tf.Tensor {
    const tensor = this.members.slots.get(savedName('slots', variable.name, slot));
    if (tensor === undefined) throw new Error(`no slot '${slot}' of variable '${variable.name}'`);
    return tensor;
  }

  private keepSlot(variable: tf.Variable, slot: string, tensor: tf.Tensor): void {
    this.members.slots.set(savedName('slots', variable.name, slot), tf.keep(tensor));
  }

  override async stats(): Promise<SubsetStats> {
    const overflows = this.overflows && whileHeld([this.overflows], ([count]) => count.data());
    const [stats, count] = await Promise.all([super.stats(), overflows]);
    return {...stats, overflowedNorms: count?.[0] ?? 0};
  }

  override dispose(): void {
    this.overflows?.dispose();
    this.overflows = undefined;
    super.dispose();
  }

  override getConfig(): tf.serialization.ConfigDict {
    return toConfigDict({rule: {...this.rule.config, learningRate: this.rate}, ...this.savedOptions()});
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const {rule, ...options} = config;
    return new cls(ruleFromConfig(rule), optionsFromConfig(options));
  }
}

/** A silo's step with all its gradients multiplied. */
function multiplied(siloStep: SiloStep, factor: tf.Scalar): SiloStep {
  return {...siloStep, gradients: siloStep.gradients.map((gradient) => gradient && tf.mul(gradient, factor))};
}

tf.serialization.registerClass(DynamicSubsetOptimizer);
