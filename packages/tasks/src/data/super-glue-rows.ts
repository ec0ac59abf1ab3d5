// The rows have the fields of the data set `super_glue` on the Hugging Face hub, which are the published files' own
// with the nested ones laid flat: prompts that are written for those work here. A row of an unlabelled split has no label.

/** What the labels of each task are called, by their numbers, which rows have. */
export const SUPER_GLUE_LABELS = {
  boolq: ['False', 'True'],
  cb: ['entailment', 'contradiction', 'neutral'],
  copa: ['choice1', 'choice2'],
  multirc: ['False', 'True'],
  rte: ['entailment', 'not_entailment'],
  wic: ['False', 'True'],
  wsc: ['False', 'True'],
  axb: ['entailment', 'not_entailment'],
  axg: ['entailment', 'not_entailment'],
} as const;

/** SuperGLUE's tasks and diagnostics. */
export type SuperGlueName = keyof typeof SUPER_GLUE_LABELS | 'record';

/** A yes/no question about a passage. */
export interface BoolQRow {
  question: string;
  passage: string;
  idx: number;
  label?: number;
}

/** A premise and what may follow from it: CommitmentBank and RTE. */
export interface EntailmentRow {
  premise: string;
  hypothesis: string;
  idx: number;
  label?: number;
}

/** A row of the Winogender diagnostic. */
export interface WinogenderRow extends EntailmentRow {
  /** Which rows differ in the pronoun's gender alone. */
  pair_id?: number;
}

/** A row of the broad-coverage diagnostic. */
export interface DiagnosticRow {
  sentence1: string;
  sentence2: string;
  idx: number;
  label?: number;
}

/** A premise, and two sentences of which one is its cause or its effect. */
export interface CopaRow {
  premise: string;
  choice1: string;
  choice2: string;
  question: 'cause' | 'effect';
  idx: number;
  label?: number;
}

/** One answer to a question about a paragraph, of which several may be right. */
export interface MultiRcRow {
  paragraph: string;
  question: string;
  answer: string;
  idx: {paragraph: number; question: number; answer: number};
  label?: number;
}

/** A sentence about a passage, of which an entity is missing. */
export interface RecordRow {
  passage: string;
  /** Has `@placeholder` where the entity is missing. */
  query: string;
  /** The passage's entities, each once, in the order of their code points. */
  entities: string[];
  /** Those that are right, each once, in the order of their code points; none in an unlabelled split. */
  answers: string[];
  idx: {passage: number; query: number};
}

/** A word in two sentences, used in the same sense or not. */
export interface WicRow {
  word: string;
  sentence1: string;
  sentence2: string;
  /** Where the word stands, in code points, as Python counts. */
  start1: number;
  start2: number;
  end1: number;
  end2: number;
  idx: number;
  label?: number;
}

/** A text, a noun phrase in it and a pronoun that refers to it or not. */
export interface WscRow {
  text: string;
  /** The words, counted from 0 and told apart by white space, at which noun phrase and pronoun begin. */
  span1_index: number;
  span2_index: number;
  span1_text: string;
  span2_text: string;
  idx: number;
  label?: number;
}
