import {check} from '@subset-tuning/checks';
import {LABEL, type Label} from './label.js';
import type {Metric} from './metric.js';

/**
 * The share of labels, from 0 to 1, that are the right ones, of the same type too. Details: `total`.
 *
 * @example
 * ```ts
 * import {accuracy, score} from '@subset-tuning/tasks';
 * score(accuracy(), ['entailment', 'neutral'], ['entailment', 'contradiction']).value; // 0.5
 * ```
 */
export function accuracy(): Metric<Label, Label> {
  return {
    name: 'accuracy',
    higherIsBetter: true,
    size: 2,
    signature: () => ({metric: 'accuracy'}),
    statistics(prediction, reference, row) {
      check(`${row}: the prediction`, prediction, LABEL);
      check(`${row}: the reference`, reference, LABEL);
      return [prediction === reference ? 1 : 0, 1];
    },
    aggregate: (sum) => ({value: sum[0] / sum[1], details: {total: sum[1]}}),
  };
}
