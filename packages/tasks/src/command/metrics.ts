import {accuracy} from '../metrics/accuracy.js';
import {binaryF1} from '../metrics/binary-f1.js';
import {bleu} from '../metrics/bleu.js';
import {chrf} from '../metrics/chrf.js';
import {macroF1, matthews} from '../metrics/confusion.js';
import {exactMatch} from '../metrics/exact-match.js';
import {genderParity} from '../metrics/gender-parity.js';
import {gsm8k} from '../metrics/gsm8k.js';
import type {Label} from '../metrics/label.js';
import type {Metric} from '../metrics/metric.js';
import {multiRC} from '../metrics/multi-rc.js';
import {record, squad} from '../metrics/squad.js';
import {squad2} from '../metrics/squad2.js';
import {ter} from '../metrics/ter.js';
import {type Evaluate, evaluate} from './evaluate.js';
import {CommandError} from './files.js';
import * as rows from './read-rows.js';

/** What `--metric` may be: which metric it is, and how its rows are read. */
export const COMMAND_METRICS: Readonly<Record<string, Evaluate>> = {
  bleu: evaluate(bleu, rows.readTexts),
  chrf: evaluate(chrf, rows.readTexts),
  ter: evaluate(ter, rows.readTexts),
  'exact-match': evaluate(exactMatch, rows.readTexts),
  squad: evaluate(squad, rows.readSquad),
  squad2: evaluate(squad2, rows.readSquad2),
  gsm8k: evaluate(gsm8k, rows.readGsm8k),
  accuracy: evaluate(withoutOptions(accuracy), rows.readLabels),
  f1: evaluate(f1OfTexts, rows.readLabels),
  'macro-f1': evaluate((options) => macroF1(withLabels(options)), rows.readLabels),
  matthews: evaluate((options) => matthews(withLabels(options)), rows.readLabels),
  multirc: evaluate(multiRC, rows.readMultiRC),
  record: evaluate(record, rows.readRecord),
  'gender-parity': evaluate(withoutOptions(genderParity), rows.readPairs),
};

function withoutOptions<T>(make: () => T): (options: object) => T {
  return (options) => {
    const [name] = Object.keys(options);
    if (name !== undefined) throw new CommandError(`there is no option "${name}", expected none for this metric`);
    return make();
  };
}

/** Labels are read as text, of which `true` and `1` are one label here, unless it is text that is looked for. */
function f1OfTexts({positive = 1, ...others}: Readonly<Record<string, unknown>>): Metric<string, string> {
  const metric = binaryF1({...others, positive: toLabel(String(positive))});
  return {
    ...metric,
    signature: () => metric.signature([]),
    statistics: (prediction, reference, row) => metric.statistics(toLabel(prediction), toLabel(reference), row),
  };
}

function toLabel(text: string): Label {
  if (text === 'true' || text === 'false') return text === 'true';
  return String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Labels are read as text, so that `1` of one file is that of another. */
function withLabels({labels, ...others}: Readonly<Record<string, unknown>>): {labels: string[]} {
  if (!Array.isArray(labels)) {
    throw new CommandError('this metric needs all labels that there are, such as --option \'labels=["yes","no"]\'');
  }
  return {...others, labels: labels.map(String)};
}
