export type {Architecture, Block, ModelConfig} from './architecture.js';
export {type Batch, collate, type Example} from './batch.js';
export {CausalModel, type LossOptions, type ModelParts} from './causal-model.js';
export type {GenerateOptions} from './generate.js';
export {type LoadOptions, loadModel} from './load-model.js';
export type {Frequencies} from './ops/rotary.js';
export type {ReadFile} from './read-folder.js';
export type {Tokenizer} from './tokenizer.js';
export type {Attention, Layout, Norm, Tokens, Verbs} from './verbs.js';
