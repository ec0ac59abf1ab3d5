import {anything, flag, type Kinds, optional, text, wholeNumber} from '@subset-tuning/checks';
import type {DataSet} from './data-set.js';
import {parseJson, readArray, readFields} from './json.js';
import {textOf} from './lines.js';

/** A question about a paragraph, and where its answer stands. */
export interface SquadRow {
  id: string;
  /** The article's; empty where the file names none. */
  title: string;
  context: string;
  question: string;
  /** What people answered; in SQuAD 2.0 none where the paragraph does not say. */
  answers: SquadAnswer[];
}

/** An answer, which stands in the context. */
export interface SquadAnswer {
  text: string;
  /** Where it begins, in code points, as Python counts. */
  answer_start: number;
}

/** Bytes of a file; the largest, that of SQuAD 2.0's training split, has 42 MB. */
const MAX_DOCUMENT = 2 ** 28;

const DOCUMENT: Kinds<{data: unknown}> = {data: anything};
const ARTICLE: Kinds<{title?: string; paragraphs: unknown}> = {title: optional(text), paragraphs: anything};
const PARAGRAPH: Kinds<{context: string; qas: unknown}> = {context: text, qas: anything};
const QUESTION: Kinds<{id: string; question: string; answers: unknown; is_impossible?: boolean}> = {
  ...{id: text, question: text, answers: anything},
  is_impossible: optional(flag),
};

/**
 * Reads a document in the format of SQuAD 1.1 or 2.0.
 *
 * @param where What errors call the file.
 * @throws where it is malformed: the error names the file and the place in it, such as
 * `dev-v2.0.json: data[0].paragraphs[3].qas[1]`.
 */
export function* parseSquad(where: string, document: unknown): Generator<SquadRow> {
  const {data} = readFields(where, document, DOCUMENT);
  for (const [inArticle, article] of readArray(`${where}: data`, data)) {
    const {title = '', paragraphs} = readFields(inArticle, article, ARTICLE);
    for (const [inParagraph, paragraph] of readArray(`${inArticle}.paragraphs`, paragraphs)) {
      const {context, qas} = readFields(inParagraph, paragraph, PARAGRAPH);
      const length = [...context].length;
      for (const [inQuestion, qa] of readArray(`${inParagraph}.qas`, qas)) {
        const {id, question, answers, is_impossible} = readFields(inQuestion, qa, QUESTION);
        const read = readArray(`${inQuestion}.answers`, answers).map(([inAnswer, answer]) =>
          readFields<SquadAnswer>(inAnswer, answer, {text, answer_start: wholeNumber(0, length)}),
        );
        if (is_impossible && read.length > 0) {
          throw new Error(`${inQuestion} is_impossible and has ${read.length} answers, expected none`);
        }
        yield {id, title, context, question, answers: read};
      }
    }
  }
}

/** A data set in SQuAD's format. */
function squadFormat(name: string, splits: DataSet<SquadRow>['splits']): DataSet<SquadRow> {
  return {
    name,
    splits,
    async *read([file]) {
      yield* parseSquad(file.name, parseJson(file.name, await textOf(file.name, file.bytes, MAX_DOCUMENT)));
    },
  };
}

/**
 * SQuAD 1.1 (Rajpurkar et al. 2016), the JSON of rajpurkar.github.io/SQuAD-explorer.
 *
 * @example
 * ```ts no-run
 * import {dataSets, loadSplit} from '@subset-tuning/tasks';
 * const rows = await loadSplit(dataSets.squad, 'https://rajpurkar.github.io/SQuAD-explorer/dataset/', 'validation');
 * ```
 */
export const squad = squadFormat('squad', {train: ['train-v1.1.json'], validation: ['dev-v1.1.json']});

/** SQuAD 2.0 (Rajpurkar et al. 2018): also questions that the paragraph does not answer, which have no answers. */
export const squad2 = squadFormat('squad2', {train: ['train-v2.0.json'], validation: ['dev-v2.0.json']});

/** XQuAD (Artetxe et al. 2020): 1,190 questions of SQuAD 1.1's development split in twelve languages, each a split. */
export const xquad = squadFormat(
  'xquad',
  Object.fromEntries(
    ['ar', 'de', 'el', 'en', 'es', 'hi', 'ro', 'ru', 'th', 'tr', 'vi', 'zh'].map((language) => [
      language,
      [`xquad.${language}.json`],
    ]),
  ),
);
