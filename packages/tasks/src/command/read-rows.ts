import {isObject, number, show, text, wholeNumber} from '@subset-tuning/checks';
import type {LabelPair} from '../metrics/gender-parity.js';
import {LABEL} from '../metrics/label.js';
import type {Squad2Prediction} from '../metrics/squad2.js';
import {CommandError, type Entry, expect, field, list, readEntries, readJson} from './files.js';

/** The references of a task, and how a system's answers to its rows are read. */
export interface Rows<Prediction, Reference> {
  readonly references: readonly Reference[];
  predictions(file: string): Prediction[];
}

/** Texts with any number of references: a file for each reference, or lists of them in a `.jsonl` file. */
export function readTexts(files: readonly string[]): Rows<string, readonly string[]> {
  const columns = files.map(readEntries);
  const rows = columns[0].length;
  columns.forEach((column, i) => {
    checkCount(files[i], column.length, rows, files[0]);
  });
  return {
    references: columns[0].map((_, row) => columns.flatMap((column) => texts(column[row]))),
    predictions: (file) => readAs(file, rows, files[0], (entry) => expect(entry, text)),
  };
}

/** SQuAD's JSON, and for each question's id its answer. */
export function readSquad(files: readonly string[]): Rows<string, readonly string[]> {
  const questions = squadQuestions(files);
  return {
    references: questions.map(({answers}) => answers),
    predictions: (file) => answersById(file, questions).map((answer) => expect(answer, text)),
  };
}

/** The same for SQuAD 2.0; the probabilities of no answer are by id too. */
export function readSquad2(
  files: readonly string[],
  probabilities?: string,
): Rows<Squad2Prediction, readonly string[]> {
  const questions = squadQuestions(files);
  return {
    references: questions.map(({answers}) => answers),
    predictions(file) {
      const answers = answersById(file, questions).map((answer) => ({text: expect<string>(answer, text)}));
      if (probabilities === undefined) return answers;
      const sure = answersById(probabilities, questions).map((one) => expect<number>(one, number('a number')));
      return answers.map((answer, i) => ({...answer, noAnswerProbability: sure[i]}));
    },
  };
}

/** GSM8K's JSON lines, or a text a line. */
export function readGsm8k(files: readonly string[]): Rows<string, string> {
  const entries = readEntries(only(files));
  const answer = (entry: Entry) => expect<string>(isObject(entry.value) ? field(entry, 'answer') : entry, text);
  return {
    references: entries.map(answer),
    predictions: (file) => readAs(file, entries.length, files[0], (entry) => expect(entry, text)),
  };
}

/** Labels, as text: a line each, or SuperGLUE's JSON lines with `label` and perhaps `idx`. */
export function readLabels(files: readonly string[]): Rows<string, string> {
  const entries = readEntries(only(files));
  return {
    references: entries.map(label),
    predictions(file) {
      let row = 0;
      return readAs(file, entries.length, files[0], (entry) => {
        checkIndex(entry, entries[row++]);
        return label(entry);
      });
    },
  };
}

/** Labels of pairs, which follow one another, as in AX-g. */
export function readPairs(files: readonly string[]): Rows<LabelPair, LabelPair> {
  const {references, predictions} = readLabels(files);
  if (references.length % 2 === 1) {
    throw new CommandError(
      `${files[0]}: got ${references.length} rows, expected pairs of rows that follow one another`,
    );
  }
  const pairs = (labels: readonly string[]) =>
    Array.from({length: labels.length / 2}, (_, i): LabelPair => [labels[2 * i], labels[2 * i + 1]]);
  return {references: pairs(references), predictions: (file) => pairs(predictions(file))};
}

/** MultiRC's JSON lines, on both sides: passages of questions of answers with `label`. */
export function readMultiRC(files: readonly string[]): Rows<readonly number[], readonly number[]> {
  const passages = readEntries(only(files)).map(questionsOf);
  return {
    references: passages.flat(),
    predictions: (file) => {
      let passage = 0;
      return readAs(file, passages.length, files[0], (entry) => {
        const said = questionsOf(entry);
        const right = passages[passage++];
        if (said.length !== right.length || said.some((marks, i) => marks.length !== right[i].length)) {
          throw new CommandError(`${entry.where}: expected the questions and answers of the passage in ${files[0]}`);
        }
        return said;
      }).flat();
    },
  };
}

/** ReCoRD's JSON lines, and SuperGLUE's `{"idx": …, "label": …}` for each query. */
export function readRecord(files: readonly string[]): Rows<string, readonly string[]> {
  const queries = readEntries(only(files)).flatMap((passage) => list(passage, 'qas'));
  const ids = queries.map((query) => String(field(query, 'idx').value));
  return {
    references: queries.map((query) => list(query, 'answers').map((one) => expect<string>(field(one, 'text'), text))),
    predictions(file) {
      const entries = readEntries(file).map((one) => [String(field(one, 'idx').value), field(one, 'label')] as const);
      const said = new Map(entries);
      return ids.map((id) => expect(found(said.get(id), file, id), text));
    },
  };
}

function squadQuestions(files: readonly string[]) {
  const articles = list(readJson(only(files)), 'data');
  const paragraphs = articles.flatMap((article) => list(article, 'paragraphs'));
  return paragraphs
    .flatMap((paragraph) => list(paragraph, 'qas'))
    .map((question) => ({
      id: expect<string>(field(question, 'id'), text),
      answers: list(question, 'answers').map((one) => expect<string>(field(one, 'text'), text)),
    }));
}

function answersById(file: string, questions: readonly {id: string}[]): Entry[] {
  const {value} = readJson(file);
  if (!isObject(value)) throw new CommandError(`${file}: got ${show(value)}, expected an object of answers by id`);
  return questions.map(({id}) =>
    found(Object.hasOwn(value, id) ? {value: value[id], where: `${file}: ${id}`} : undefined, file, id),
  );
}

function found(entry: Entry | undefined, file: string, id: string): Entry {
  if (entry === undefined)
    throw new CommandError(`${file}: there is nothing for ${show(id)}, expected one for each id`);
  return entry;
}

/** A row for each reference. */
function readAs<T>(file: string, rows: number, other: string, convert: (entry: Entry) => T): T[] {
  const entries = readEntries(file);
  checkCount(file, entries.length, rows, other);
  return entries.map(convert);
}

function checkCount(file: string, rows: number, wanted: number, other: string): void {
  if (rows !== wanted) throw new CommandError(`${file}: got ${rows} rows, expected ${wanted}, as in ${other}`);
}

function only(files: readonly string[]): string {
  if (files.length > 1) throw new CommandError(`--references: got ${files.length} files, expected one for this metric`);
  return files[0];
}

function texts(entry: Entry): string[] {
  if (!Array.isArray(entry.value)) return [expect(entry, text)];
  return entry.value.map((value) => expect({value, where: entry.where}, text));
}

function label(entry: Entry): string {
  return String(expect(isObject(entry.value) ? field(entry, 'label') : entry, LABEL));
}

function checkIndex(entry: Entry, reference: Entry): void {
  if (!isObject(entry.value) || !isObject(reference.value)) return;
  const [ours, theirs] = [entry.value.idx, reference.value.idx];
  if (ours === undefined || theirs === undefined || ours === theirs) return;
  throw new CommandError(`${entry.where}: idx is ${show(ours)}, expected ${show(theirs)}, as at ${reference.where}`);
}

function questionsOf(entry: Entry): number[][] {
  return list(field(entry, 'passage'), 'questions').map((question) =>
    list(question, 'answers').map((answer) => expect<number>(field(answer, 'label'), wholeNumber(0, 1))),
  );
}
