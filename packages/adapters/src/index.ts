export type {
  AdaptableModel,
  DecorateVerbs,
  LinearModule,
  ModelDecorator,
  Prefix,
  ProjectVerb,
  Prompt,
  SelfAttention,
  Weights,
} from './adaptable-model.js';
export type {Adapter, DetachOptions} from './adapter.js';
export {
  type AdapterConfig,
  type AttachConfig,
  type CommonConfig,
  countLora,
  type Ia3Config,
  type LoraConfig,
  type LoraInit,
  type PrefixConfig,
  type PromptConfig,
} from './adapter-config.js';
export {attach} from './attach.js';
export {type BitFitOptions, bitFit, bitFitWeights} from './bit-fit.js';
export {chooseModules, type ModuleChoice, type ModuleNames} from './choose-modules.js';
export {
  type BudgetedMethod,
  type BudgetRequest,
  type BudgetsOfMethods,
  type DensityBudget,
  fitBudget,
  type WholeBudget,
} from './fit-budget.js';
export {type FixedSubsetOptions, fixedSubset} from './fixed-subset.js';
export {fullTuning} from './full-tuning.js';
export {type GradientSubsetOptions, gradientSubset} from './gradient-subset.js';
export {type LiftSubset, type LiftSubsetOptions, liftSubset} from './lift-subset.js';
export {type LoadAdapterOptions, loadAdapter} from './load-adapter.js';
export {type LoraBudget, type LoraBudgetOptions, loraBudget} from './lora-budget.js';
export {type MagnitudeSubsetOptions, magnitudeSubset} from './magnitude-subset.js';
export type {ModelShape, WeightShape} from './model-shape.js';
export type {PeftFiles} from './peft-files.js';
export {type RandomSubsetOptions, randomSubset} from './random-subset.js';
export {type StructuredSubsetOptions, structuredSubset} from './structured-subset.js';
export type {VirtualTokenBudget} from './virtual-token-budget.js';
