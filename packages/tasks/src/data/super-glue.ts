import {check, flag, type Kind, type Kinds, number, oneOf, optional, text, wholeNumber} from '@subset-tuning/checks';
import {type DataSet, jsonLines} from './data-set.js';
import {readFields} from './json.js';
import {parseMultiRc} from './multirc.js';
import {parseRecord} from './record.js';
import {
  type BoolQRow,
  type CopaRow,
  type DiagnosticRow,
  type EntailmentRow,
  SUPER_GLUE_LABELS,
  type WicRow,
  type WinogenderRow,
} from './super-glue-rows.js';
import {parseWsc} from './wsc.js';

/** The published files, and FewGLUE's: 32 rows to train on and 32 to develop on. */
const SPLITS = {
  train: ['train.jsonl'],
  validation: ['val.jsonl'],
  test: ['test.jsonl'],
  dev32: ['dev32.jsonl'],
  unlabeled: ['unlabeled.jsonl'],
};
const idx = wholeNumber(0);

type Labelled<Row> = Omit<Row, 'label'> & {label?: unknown};

/** A task whose rows are as published but for the label, which becomes a number. */
function plain<Row extends {label?: number}>(
  name: string,
  splits: DataSet<Row>['splits'],
  kinds: Kinds<Omit<Row, 'label'>>,
  label: Kind,
  numberOf: (label: unknown) => number,
  checkRow: (where: string, row: Labelled<Row>) => void = () => {},
): DataSet<Row> {
  const all = {...kinds, label: optional(label)} as Kinds<Labelled<Row>>; // the type of the spread is not inferred
  return jsonLines<Row>(name, splits, (where, value) => {
    const row = readFields<Labelled<Row>>(where, value, all);
    checkRow(where, row);
    return (row.label === undefined ? row : {...row, label: numberOf(row.label)}) as Row;
  });
}

const named = (labels: readonly string[]) =>
  [oneOf(labels), (label: unknown) => labels.indexOf(String(label))] as const;
const trueOrFalse = [flag, Number] as const;
const zeroOrOne = [wholeNumber(0, 1), Number] as const;

/** Whether a span, in code points, has words and lies in a sentence. */
function checkSpan(where: string, sentence: string, name: string, start: number, end: number): void {
  const length = [...sentence].length;
  check(
    `${where}: end${name}`,
    end,
    number(`a number from start${name} + 1 to ${length}, the sentence's length`, (end) => end > start && end <= length),
  );
}

/**
 * SuperGLUE (Wang et al. 2019): its eight tasks and two diagnostics, the JSON lines of super.gluebenchmark.com, each
 * task in a folder of its own: `train.jsonl`, `val.jsonl`, `test.jsonl`; of FewGLUE (Schick and Schütze 2020)
 * `train.jsonl`, `dev32.jsonl` and `unlabeled.jsonl`.
 *
 * @example
 * ```ts no-run
 * import {dataSets, loadSplit} from '@subset-tuning/tasks';
 * const rows = await loadSplit(dataSets.copa, 'data/COPA', 'validation');
 * ```
 */
export const superGlue = {
  boolq: plain<BoolQRow>('boolq', SPLITS, {question: text, passage: text, idx}, ...trueOrFalse),
  cb: plain<EntailmentRow>('cb', SPLITS, {premise: text, hypothesis: text, idx}, ...named(SUPER_GLUE_LABELS.cb)),
  copa: plain<CopaRow>(
    'copa',
    SPLITS,
    {premise: text, choice1: text, choice2: text, question: oneOf(['cause', 'effect']), idx},
    ...zeroOrOne,
  ),
  multirc: jsonLines('multirc', SPLITS, parseMultiRc),
  record: jsonLines('record', SPLITS, parseRecord),
  rte: plain<EntailmentRow>('rte', SPLITS, {premise: text, hypothesis: text, idx}, ...named(SUPER_GLUE_LABELS.rte)),
  wic: plain<WicRow>(
    'wic',
    SPLITS,
    {...{word: text, sentence1: text, sentence2: text}, ...{start1: idx, start2: idx, end1: idx, end2: idx}, idx},
    ...trueOrFalse,
    (where, {sentence1, sentence2, start1, start2, end1, end2}) => {
      checkSpan(where, sentence1, '1', start1, end1);
      checkSpan(where, sentence2, '2', start2, end2);
    },
  ),
  wsc: jsonLines('wsc', SPLITS, parseWsc),
  axb: plain<DiagnosticRow>(
    'axb',
    {test: ['AX-b.jsonl']},
    {sentence1: text, sentence2: text, idx},
    ...named(SUPER_GLUE_LABELS.axb),
  ),
  axg: plain<WinogenderRow>(
    'axg',
    {test: ['AX-g.jsonl']},
    {premise: text, hypothesis: text, idx, pair_id: optional(wholeNumber(0))},
    ...named(SUPER_GLUE_LABELS.axg),
  ),
};
