import {checkOptions, type Kinds, optional, show} from '@subset-tuning/checks';
import {LABEL, type Label} from './label.js';
import type {Metric} from './metric.js';

/** Options of {@link binaryF1}. */
export interface BinaryF1Options {
  /** The label that is looked for; all others count as its opposite. Default 1, which is `true` too, as 0 is `false`. */
  positive?: Label;
}

const BINARY_F1_OPTIONS: Kinds<BinaryF1Options> = {positive: optional(LABEL)};

/**
 * F1 of finding one label, from 0 to 1; zero where nothing is found and there is nothing to find. The same number as
 * scikit-learn's `f1_score`. Details: `accuracy`, `precision`, `recall`, `total`.
 *
 * @throws Error where an option is not such, or among strings a number is looked for, or the reverse.
 *
 * @example
 * ```ts
 * import {binaryF1, score} from '@subset-tuning/tasks';
 * score(binaryF1(), [true, true, false], [true, false, true]).value; // 0.5
 * ```
 */
export function binaryF1(options: BinaryF1Options = {}): Metric<Label, Label> {
  checkOptions('binaryF1', options, BINARY_F1_OPTIONS);
  const {positive = 1} = options;
  return {
    name: 'F1',
    higherIsBetter: true,
    size: 4,
    signature: () => ({metric: 'f1', average: 'binary', positive: String(positive)}),
    statistics(prediction, reference, row) {
      const said = isPositive(`${row}: the prediction`, prediction, positive);
      const right = isPositive(`${row}: the reference`, reference, positive);
      const counts = [0, 0, 0, 0];
      counts[(said ? 0 : 2) + (right ? 0 : 1)] = 1;
      return counts;
    },
    aggregate({0: right, 1: tooMuch, 2: missed, 3: rightlyNot}) {
      const total = right + tooMuch + missed + rightlyNot;
      const details = {
        accuracy: (right + rightlyNot) / total,
        precision: ratio(right, right + tooMuch),
        recall: ratio(right, right + missed),
        total,
      };
      return {value: f1(right, tooMuch, missed), details};
    },
  };
}

/** Whether a label is the one that is looked for; `true` is 1 and `false` 0, as in Python. */
function isPositive(where: string, label: Label, positive: Label): boolean {
  if (LABEL.is(label) && (typeof label === 'string') === (typeof positive === 'string')) {
    return typeof label === 'string' ? label === positive : Number(label) === Number(positive);
  }
  const kind = typeof positive === 'string' ? 'a string' : 'a number, true or false';
  throw new Error(`${where} is ${show(label)}, expected ${kind}, as the positive label ${show(positive)}`);
}

/** F1 of counts; zero where all are. */
export function f1(right: number, tooMuch: number, missed: number): number {
  return ratio(2 * right, 2 * right + tooMuch + missed);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
