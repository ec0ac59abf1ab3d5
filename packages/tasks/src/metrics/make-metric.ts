import {oneOf, show} from '@subset-tuning/checks';
import {accuracy} from './accuracy.js';
import {binaryF1} from './binary-f1.js';
import {bleu} from './bleu.js';
import {chrf} from './chrf.js';
import {macroF1, matthews} from './confusion.js';
import {exactMatch} from './exact-match.js';
import {genderParity} from './gender-parity.js';
import {gsm8k} from './gsm8k.js';
import type {Label} from './label.js';
import type {Metric} from './metric.js';
import {multiRC} from './multi-rc.js';
import {record, squad} from './squad.js';
import {squad2} from './squad2.js';
import {ter} from './ter.js';

type Options = Readonly<Record<string, unknown>>;
/** Each checks its options. */
type Make = (options: Options) => Metric<never, never>;

const METRICS: Readonly<Record<string, Make>> = {
  ...{bleu, chrf, ter, exactMatch, squad, squad2, gsm8k, record, multiRC, binaryF1},
  accuracy: withoutOptions('accuracy', accuracy),
  genderParity: withoutOptions('genderParity', genderParity),
  macroF1: (options) => macroF1({...options, labels: options.labels as readonly Label[]}),
  matthews: (options) => matthews({...options, labels: options.labels as readonly Label[]}),
};

/**
 * The metric of a function's name and options, which may come from a file.
 *
 * @throws where there is no such function, or it refuses the options.
 */
export function makeMetric(name: string, options: Options): Metric<never, never> {
  const kind = oneOf(Object.keys(METRICS));
  if (!kind.is(name)) throw new Error(`there is no metric ${show(name)}, expected ${kind.expected}`);
  return METRICS[name](options);
}

function withoutOptions(name: string, make: () => Metric<never, never>): Make {
  return (options) => {
    const [first] = Object.keys(options);
    if (first !== undefined) throw new Error(`${name}: there is no option ${show(first)}, expected none`);
    return make();
  };
}
