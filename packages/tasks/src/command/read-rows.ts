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
  return labelRows(readEntries(only(files)), files[0]);
}

function labelRows(entries: readonly Entry[], references: string): Rows<string, string> {
  return {
    references: entries.map(label),
    predictions(file) {
      let row = 0;
      return readAs(file, entries.length, references, (entry) => {
        checkIndex(entry, entries[row++]);
        return label(entry);
      });
    },
  };
}

/** Labels of pairs, as in AX-g: rows of one `pair_id`, or where the file has none, rows that follow one another. */
export function readPairs(files: readonly string[]): Rows<LabelPair, LabelPair> {
  const entries = readEntries(only(files));
  const {references, predictions} = labelRows(entries, files[0]);
  const rows = pairedRows(entries);
  const pairs = (labels: readonly string[]) => rows.map(([a, b]): LabelPair => [labels[a], labels[b]]);
  return {references: pairs(references), predictions: (file) => pairs(predictions(file))};
}

/** MultiRC's JSON lines, on both sides: passages of questions of answers with `label`. */
export function readMultiRC(files: readonly string[]): Rows<readonly number[], readonly number[]> {
  const passages = readEntries(only(files));
  return {
    references: passages.flatMap((passage) => questionsOf(passage).map(marksOf)),
    predictions: (file) => {
      let passage = 0;
      return readAs(file, passages.length, files[0], (entry) => {
        checkPassage(entry, passages[passage++]);
        return questionsOf(entry).map(marksOf);
      }).flat();
    },
  };
}

/** ReCoRD's JSON lines, and SuperGLUE's `{"idx": …, "label": …}` for each query. */
export function readRecord(files: readonly string[]): Rows<string, readonly string[]> {
  const queries = readEntries(only(files)).flatMap((passage) => list(passage, 'qas'));
  const ids = byIndex(queries);
  return {
    references: queries.map((query) => list(query, 'answers').map((one) => expect<string>(field(one, 'text'), text))),
    predictions(file) {
      const said = byIndex(readEntries(file));
      for (const [id, {where}] of said) {
        if (!ids.has(id)) throw new CommandError(`${where}: idx is ${id}, expected one of those in ${files[0]}`);
      }
      return [...ids.keys()].map((id) => expect(field(found(said.get(id), file, id), 'label'), text));
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

/** The entries by their `idx`, each of which there is once. */
function byIndex(entries: readonly Entry[]): Map<string, Entry> {
  const seen = new Map<string, Entry>();
  for (const entry of entries) {
    const id = String(field(entry, 'idx').value);
    const other = seen.get(id);
    if (other) throw new CommandError(`${entry.where}: idx is ${id}, which is at ${other.where} already`);
    seen.set(id, entry);
  }
  return seen;
}

function pairedRows(entries: readonly Entry[]): (readonly [number, number])[] {
  const groups = new Map<unknown, number[]>();
  const named = entries.some(({value}) => isObject(value) && 'pair_id' in value);
  entries.forEach((entry, row) => {
    const id = named ? field(entry, 'pair_id').value : Math.floor(row / 2);
    const group = groups.get(id);
    if (group) group.push(row);
    else groups.set(id, [row]);
  });
  return Array.from(groups, ([id, rows]) => {
    if (rows.length === 2) return [rows[0], rows[1]];
    const what = named ? `${rows.length} rows of pair_id ${show(id)}` : `${entries.length} rows`;
    const wanted = named ? 'two' : 'pairs of rows that follow one another';
    throw new CommandError(`${entries[rows[0]].where}: got ${what}, expected ${wanted}`);
  });
}

function questionsOf(passage: Entry): Entry[] {
  return list(field(passage, 'passage'), 'questions');
}

function marksOf(question: Entry): number[] {
  return list(question, 'answers').map((answer) => expect<number>(field(answer, 'label'), wholeNumber(0, 1)));
}

/** Throws where a passage has not the other one's questions and answers, in their order. */
function checkPassage(passage: Entry, reference: Entry): void {
  checkIndex(passage, reference);
  const questions = alike('questions', questionsOf(passage), questionsOf(reference), passage, reference);
  for (const [question, right] of questions) {
    checkIndex(question, right);
    const answers = alike('answers', list(question, 'answers'), list(right, 'answers'), question, right);
    for (const [answer, other] of answers) checkIndex(answer, other);
  }
}

function alike(
  what: string,
  ours: readonly Entry[],
  theirs: readonly Entry[],
  entry: Entry,
  reference: Entry,
): [Entry, Entry][] {
  if (ours.length === theirs.length) return ours.map((one, i) => [one, theirs[i]]);
  throw new CommandError(
    `${entry.where}: got ${ours.length} ${what}, expected ${theirs.length}, as at ${reference.where}`,
  );
}
