export {type ChrFOptions, corpusChrF, sentenceChrF} from './chrf.js';
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
export {type ExactMatchOptions, exactMatch} from './exact-match.js';
export {type Address, address, addressesFormally, addressesNobody, formalShare} from './formality.js';
export {chooseShots, type ShotOptions} from './prompts/choose-shots.js';
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
export type {Task, TaskMetric, TaskSplits} from './task.js';
export {addTask, builtInTasks, getTask, listTasks} from './tasks.js';
export {
  encodePair,
  type PairTokenizer,
  prompt,
  type TranslationExample,
  type TranslationFormat,
} from './translation-example.js';
