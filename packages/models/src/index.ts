export type {
  Architecture,
  Block,
  Checkpoint,
  Encoder,
  EncoderConfig,
  EncoderDecoder,
  EncoderDecoderConfig,
  LanguageCheckpoint,
  ModelConfig,
  Stack,
} from './architecture.js';
export {type Batch, collate, type Example} from './batch.js';
export type {Span} from './best-spans.js';
export {CausalModel, type LossOptions, type ModelParts} from './causal-model.js';
export type {ChatMessage, ChatTemplateOptions, ChatTemplates} from './chat/chat-template.js';
export {DecoratedModel, type DecorateVerbs, type Decorator} from './decorated-model.js';
export {
  type EncoderDecoderBatch,
  EncoderDecoderModel,
  type EncoderDecoderParts,
} from './encoder-decoder-model.js';
export {type EmbedOptions, EncoderModel, type EncoderParts} from './encoder-model.js';
export type {GenerateOptions, StreamOptions} from './generation/generate-options.js';
export type {Head, Task} from './head.js';
export {HeadModel, type HeadParts, type TextOrPair} from './head-model.js';
export {type ListedModel, listModels} from './list-models.js';
export {loadEncoder} from './load-encoder.js';
export {loadEncoderDecoder} from './load-encoder-decoder.js';
export {
  type LoadClassifierOptions,
  type LoadHeadOptions,
  loadClassifier,
  loadMaskedModel,
  loadMultipleChoice,
  loadSpanExtractor,
} from './load-heads.js';
export {type LoadOptions, loadModel} from './load-model.js';
export type {Continuation, LogProbability, LogProbabilityOptions} from './log-probabilities.js';
export {type MaskedBatch, MaskedModel} from './masked-model.js';
export {type ChoiceBatch, MultipleChoiceModel} from './multiple-choice-model.js';
export type {Frequencies} from './ops/rotary.js';
export type {Pooling, PoolingKind} from './pooling.js';
export type {NamedAttention, Projection} from './projections.js';
export {readFiles} from './read-files.js';
export type {OpenFile, ReadFile} from './read-folder.js';
export {type ClassifierBatch, type Prediction, type Problem, SequenceClassifier} from './sequence-classifier.js';
export {type SpanAnswer, type SpanBatch, SpanExtractor, type SpanOptions} from './span-extractor.js';
export type {TokenRow} from './token-rows.js';
export type {Encoding, TracedEncoding} from './tokenizer/encoding.js';
export type {DecodeOptions, EncodeOptions, Tokenizer, WindowOptions} from './tokenizer.js';
export type {Attention, DistanceBias, Layout, Norm, ReadSource, Tokens, TokenVerbs, Verbs} from './verbs.js';
export type {Prefix, Prompt, VirtualTokens} from './virtual-tokens.js';
export type {Weights} from './weights.js';
