export {type ChrFOptions, corpusChrF, sentenceChrF} from './chrf.js';
export {
  type DataFile,
  type DataSet,
  jsonLines,
  loadSplit,
  readSplit,
  type SplitOptions,
} from './data/data-set.js';
export {type Gsm8kRow, gsm8k} from './data/gsm8k.js';
export {type HubDataOptions, hubData} from './data/hub.js';
export type {DataBytes, DataPlace, OpenData} from './data/open-data.js';
export {parallelPairs, tabSeparatedPairs} from './data/pairs.js';
export {sampleRows, shuffleRows, splitRows} from './data/sample.js';
export {groupBySource, parseSentencePairs, type SentencePair, type SourceGroup} from './data/sentence-pairs.js';
export {parseSquad, type SquadAnswer, type SquadRow, squad, squad2, xquad} from './data/squad.js';
export {superGlue} from './data/super-glue.js';
export {
  type BoolQRow,
  type CopaRow,
  type DiagnosticRow,
  type EntailmentRow,
  type Label,
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
export {
  encodePair,
  type PairTokenizer,
  prompt,
  type TranslationExample,
  type TranslationFormat,
} from './translation-example.js';
