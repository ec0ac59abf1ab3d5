export {
  type DataFile,
  type DataSet,
  jsonLines,
  loadSplit,
  readSplit,
  type SplitOptions,
} from './data/data-set.js';
export {dataSets} from './data/data-sets.js';
export type {Gsm8kRow} from './data/gsm8k.js';
export {type HubDataOptions, hubData} from './data/hub.js';
export type {DataBytes, OpenData} from './data/open-data.js';
export type {DataPlace} from './data/open-place.js';
export {parallelPairs, tabSeparatedPairs} from './data/pairs.js';
export {sampleRows, shuffleRows, splitRows} from './data/sample.js';
export {groupBySource, parseSentencePairs, type SentencePair, type SourceGroup} from './data/sentence-pairs.js';
export {parseSquad, type SquadAnswer, type SquadRow} from './data/squad.js';
export {
  type BoolQRow,
  type CopaRow,
  type DiagnosticRow,
  type EntailmentRow,
  type MultiRcRow,
  type RecordRow,
  SUPER_GLUE_LABELS,
  type SuperGlueName,
  type WicRow,
  type WinogenderRow,
  type WscRow,
} from './data/super-glue-rows.js';
export {wmtPairs} from './data/wmt.js';
export {type Evaluation, evaluate} from './evaluate/evaluate.js';
export type {EvaluateOptions, EvaluationProgress, Normalization} from './evaluate/evaluate-options.js';
export type {
  Answering,
  ChoosingModel,
  Classifying,
  EvaluatedModel,
  GeneratingModel,
  GenerationOptions,
  MultipleChoice,
  NamedModel,
  TextModel,
  TextTokenizer,
} from './evaluate/evaluated-model.js';
export type {WriteFile} from './evaluate/result-files.js';
export type {EvaluationResults} from './evaluate/results.js';
export type {EvaluationSample} from './evaluate/samples.js';
export type {EvaluationScore} from './evaluate/score-answers.js';
export {type Address, address, addressesFormally, addressesNobody, formalShare} from './formality.js';
export {accuracy} from './metrics/accuracy.js';
export {type BinaryF1Options, binaryF1} from './metrics/binary-f1.js';
export {type BleuOptions, type BleuSmoothing, bleu} from './metrics/bleu.js';
export type {BleuTokenizer} from './metrics/bleu-tokenizers.js';
export {type ChrFOptions, chrf} from './metrics/chrf.js';
export {type LabelsOptions, macroF1, matthews} from './metrics/confusion.js';
export {type ExactMatchOptions, exactMatch} from './metrics/exact-match.js';
export {genderParity, type LabelPair} from './metrics/gender-parity.js';
export {extractGsm8kAnswer, type Gsm8kExtraction, type Gsm8kOptions, gsm8k} from './metrics/gsm8k.js';
export type {Label} from './metrics/label.js';
export type {Details, Metric, Score, SignatureFields} from './metrics/metric.js';
export {type MultiRCOptions, multiRC} from './metrics/multi-rc.js';
export {type Resampling, type Statistics, score, signatureOf, statisticsOf} from './metrics/score.js';
export {type AnswerOptions, type AnswerScore, record, squad} from './metrics/squad.js';
export {
  type Squad2BestThresholds,
  type Squad2Options,
  type Squad2Prediction,
  squad2,
  squad2BestThresholds,
} from './metrics/squad2.js';
export {type SuperGlueScores, superGlueAverage, type TaskScores} from './metrics/super-glue-average.js';
export {ter} from './metrics/ter.js';
export type {TerOptions} from './metrics/tercom-tokenizer.js';
export {chooseShots, type ShotOptions} from './prompts/choose-shots.js';
export {type EncodedContinuation, encodeContinuation} from './prompts/encode-continuation.js';
export {GSM8K_PROMPTS} from './prompts/gsm8k-prompts.js';
export type {ChoicePrompt, EachText, GenerationPrompt, PairPrompt, Prompt, SpanPrompt} from './prompts/prompt.js';
export {
  type ChoiceRequest,
  type GenerationRequest,
  type PairRequest,
  type PromptMessage,
  type PromptRequest,
  type RenderOptions,
  renderPrompt,
  type SpanRequest,
} from './prompts/render-prompt.js';
export {SQUAD_PROMPTS, SQUAD2_PROMPTS, type SquadPrompts} from './prompts/squad-prompts.js';
export {SUPER_GLUE_PROMPTS, type SuperGluePrompts} from './prompts/super-glue-prompts.js';
export {type TranslationPrompts, translationPrompts} from './prompts/translation-prompts.js';
export {bootstrap, type Interval} from './statistics/bootstrap.js';
export {approximateRandomization, type Comparison, pairedBootstrap} from './statistics/paired-comparison.js';
export type {ResamplingOptions} from './statistics/resample.js';
export type {Task, TaskMetric, TaskSplits} from './task.js';
export {addTask, builtInTasks, getTask, listTasks} from './tasks.js';
export {type CausalExample, type CausalExamples, type CausalViewOptions, causalView} from './training/causal-view.js';
export {
  type ClassifierExample,
  type ClassifierExamples,
  classifierView,
  type EncoderTokenizer,
  type TypedTokens,
} from './training/classifier-view.js';
export {
  type CuttingTokenizer,
  type EncoderDecoderExample,
  type EncoderDecoderExamples,
  type EncoderDecoderViewOptions,
  encoderDecoderView,
} from './training/encoder-decoder-view.js';
export {
  type MultipleChoiceExample,
  type MultipleChoiceExamples,
  multipleChoiceView,
} from './training/multiple-choice-view.js';
export {
  type SpanExample,
  type SpanExamples,
  type SpanViewOptions,
  spanView,
  type TextWindow,
  type WindowTokenizer,
} from './training/span-view.js';
export type {LeftOutRow, TrainingView, ViewOptions} from './training/training-view.js';
export {
  encodePair,
  type PairTokenizer,
  prompt,
  type TranslationExample,
  type TranslationFormat,
} from './translation-example.js';
