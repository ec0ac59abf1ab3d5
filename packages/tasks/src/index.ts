export {type ChrFOptions, corpusChrF, sentenceChrF} from './chrf.js';
export {type ExactMatchOptions, exactMatch} from './exact-match.js';
export {type Address, address, addressesFormally, addressesNobody, formalShare} from './formality.js';
export {groupBySource, parseSentencePairs, type SentencePair, type SourceGroup} from './sentence-pairs.js';
export {
  encodePair,
  type PairTokenizer,
  prompt,
  type TranslationExample,
  type TranslationFormat,
} from './translation-example.js';
