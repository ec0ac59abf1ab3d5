export type {
  AdaptableModel,
  DecorateVerbs,
  LinearModule,
  ModelDecorator,
  ProjectVerb,
  Weights,
} from './adaptable-model.js';
export type {Adapter, DetachOptions} from './adapter.js';
export {
  type AdapterConfig,
  type AttachConfig,
  countLora,
  type Ia3Config,
  type LoraConfig,
  type LoraInit,
} from './adapter-config.js';
export {attach} from './attach.js';
export {chooseModules, type ModuleChoice, type ModuleNames} from './choose-modules.js';
export {fullTuning} from './full-tuning.js';
export {type GradientSubsetOptions, gradientSubset} from './gradient-subset.js';
export {type LoadAdapterOptions, loadAdapter} from './load-adapter.js';
export type {PeftFiles} from './peft-files.js';
export {type RandomSubsetOptions, randomSubset} from './random-subset.js';
