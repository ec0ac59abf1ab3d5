import {type Kind, type Kinds, number, object, oneOf, optional} from '@subset-tuning/checks';
import type {FusedRule} from '@subset-tuning/kernels';
import type {Tensor} from '@tensorflow/tfjs-core';
import {type Schedule, scheduleOf} from './schedule.js';

/** What every rule can be told. */
export interface RuleOptions {
  /** The learning rate, or a schedule of it. The fewer weights may change, the larger it should be. */
  learningRate: Schedule;
  /** Decoupled weight decay (Loshchilov & Hutter 2019, arXiv 1711.05101). */
  weightDecay?: number;
  /** Where decay pulls to: `zero` (default) or back to the `seed`. */
  decayTowards?: 'zero' | 'seed';
}

export const atLeastZero = number('a number of at least 0', (value) => value >= 0);

export const belowOne = number('a number from 0 to below 1', (value) => value >= 0 && value < 1);

export const RULE_OPTIONS: Kinds<RuleOptions> = {
  learningRate: scheduleOf(atLeastZero),
  weightDecay: optional(atLeastZero),
  decayTowards: optional(oneOf(['zero', 'seed'])),
};

/** A rule whose proposal for a parameter needs that parameter alone: fused into the `SubsetStep` kernel. */
export interface ElementwiseRule {
  kind: 'elementwise';
  /** Name and options, as JSON: what {@link ruleFromConfig} makes the rule from again. */
  config: RuleConfig;
  /** Names of the slots, each of its parameter's shape. */
  slots: readonly string[];
  /** Which of them is an estimate of the second moment. The distance `fisher` needs it. */
  secondMoment?: string;
  /** The rule's numbers at a step, counted from 0, with the learning rate of that step. */
  numbers(step: number, learningRate: number): FusedRule;
}

/** A rule that looks at whole tensors: its proposal is made of tfjs ops and goes to the `SubsetProject` kernel. */
export interface TensorRule {
  kind: 'tensor';
  config: RuleConfig;
  /** The slots for a parameter of this shape: name → shape. They start as zeros. */
  slots(shape: readonly number[]): Record<string, number[]>;
  /** Whether the proposal needs the seed (decay towards it). */
  needsSeed: boolean;
  /**
   * Inside a tidy: an estimate of each element's second moment from the slots after a step, of a shape that broadcasts to
   * the parameter's. The distance `fisher` needs it.
   */
  secondMoment?(slots: Record<string, Tensor>): Tensor;
  /** Inside a tidy: the proposal and the new slots. A gradient element that is not finite arrives as zero. */
  propose(input: TensorRuleInput): {proposal: Tensor; slots: Record<string, Tensor>};
}
/** What a {@link TensorRule} makes its proposal of. */
export interface TensorRuleInput {
  step: number;
  /** The learning rate of this step. */
  learningRate: number;
  parameter: Tensor;
  gradient: Tensor;
  /** The pretrained values, where `needsSeed`; else the parameter. */
  seed: Tensor;
  slots: Record<string, Tensor>;
}

/** The base optimizer: what proposes new values for all parameters. */
export type UpdateRule = ElementwiseRule | TensorRule;

export const updateRule: Kind = object(
  'an update rule, such as adamw({learningRate: 1e-3}); project(optimizer, options) is for an optimizer of tfjs',
  ({kind, slots, numbers, propose}) =>
    kind === 'elementwise'
      ? Array.isArray(slots) && typeof numbers === 'function'
      : kind === 'tensor' && typeof slots === 'function' && typeof propose === 'function',
);

/** A rule as JSON. */
export type RuleConfig = {rule: string; learningRate: Schedule} & Record<string, unknown>;
