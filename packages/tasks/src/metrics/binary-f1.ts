import {check, checkOptions, type Kinds, optional} from '@subset-tuning/checks';
import {LABEL, type Label} from './label.js';
import type {Metric} from './metric.js';

/** Options of {@link binaryF1}. */
export interface BinaryF1Options {
  /** The label that is looked for; all others count as its opposite. Default 1. */
  positive?: Label;
}

const BINARY_F1_OPTIONS: Kinds<BinaryF1Options> = {positive: optional(LABEL)};

/**
 * F1 of finding one label, from 0 to 1; zero where nothing is found and there is nothing to find. The same number as
 * scikit-learn's `f1_score`. Details: `accuracy`, `precision`, `recall`, `total`.
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {binaryF1, score} from '@subset-tuning/tasks';
 * score(binaryF1({positive: true}), [true, true, false], [true, false, true]).value; // 0.5
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
      check(`${row}: the prediction`, prediction, LABEL);
      check(`${row}: the reference`, reference, LABEL);
      const counts = [0, 0, 0, 0];
      counts[(prediction === positive ? 0 : 2) + (reference === positive ? 0 : 1)] = 1;
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

/** F1 of counts; zero where all are. */
export function f1(right: number, tooMuch: number, missed: number): number {
  return ratio(2 * right, 2 * right + tooMuch + missed);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
