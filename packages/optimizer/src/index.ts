export {type BudgetOptions, shareBudget, totalBudget} from './budgets.js';
export {clipScale} from './clip.js';
export {ruleFromConfig} from './config.js';
export {DynamicSubsetOptimizer, type DynamicSubsetOptions, dynamicSubset} from './dynamic-subset.js';
export type {Gradients, NamedTensor} from './named-gradients.js';
export {type PlannedSilo, planSilos} from './plan-silos.js';
export {ProjectedOptimizer, type ProjectOptions, project} from './project.js';
export {type AdafactorOptions, adafactor} from './rules/adafactor.js';
export {type AdamOptions, adam, adamw} from './rules/adam.js';
export {type MomentumOptions, momentum} from './rules/momentum.js';
export {sgd} from './rules/sgd.js';
export {
  type CosineSchedule,
  cosine,
  type ExponentialSchedule,
  exponential,
  type LinearSchedule,
  linear,
  type Schedule,
  valueAt,
  type WarmupSchedule,
  warmup,
} from './schedule.js';
export {type ShrinkingOptions, shrinking} from './shrinking.js';
export {type SiloKind, siloOf} from './silos.js';
export {SubsetOptimizer} from './subset-optimizer.js';
export type {SubsetOptions} from './subset-options.js';
export type {SiloStats, SubsetStats} from './subset-stats.js';
export type {TensorChange} from './tensor-change.js';
export {trainableParameters} from './trainable-parameters.js';
export type {
  ElementwiseRule,
  RuleConfig,
  RuleOptions,
  TensorRule,
  TensorRuleInput,
  UpdateRule,
} from './update-rule.js';
