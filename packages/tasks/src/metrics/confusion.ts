import {checkOptions, type Kinds} from '@subset-tuning/checks';
import {f1} from './binary-f1.js';
import {indexOfLabel, LABELS, type Label} from './label.js';
import type {Details, Metric} from './metric.js';

/** Options of {@link macroF1} and {@link matthews}. */
export interface LabelsOptions {
  /** All labels that there are. */
  labels: readonly Label[];
}

const LABELS_OPTIONS: Kinds<LabelsOptions> = {labels: LABELS};

/**
 * The mean over the labels of F1, from 0 to 1, as CB has it; a label that neither side uses is left out. The same number as
 * scikit-learn's `f1_score(average='macro')`. Details: `f1` of each label, `accuracy`, `total`.
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {macroF1, score} from '@subset-tuning/tasks';
 * const cb = macroF1({labels: ['entailment', 'contradiction', 'neutral']});
 * score(cb, ['entailment', 'neutral'], ['entailment', 'contradiction']).value; // 1/3
 * ```
 */
export function macroF1(options: LabelsOptions): Metric<Label, Label> {
  checkOptions('macroF1', options, LABELS_OPTIONS);
  return confusion('macro F1', {metric: 'f1', average: 'macro'}, options.labels, (counts, n) => {
    const scores: number[] = [];
    let [sum, used] = [0, 0];
    for (let label = 0; label < n; label++) {
      const {right, predicted, actual} = margins(counts, n, label);
      scores.push(f1(right, predicted - right, actual - right));
      if (predicted + actual === 0) continue;
      sum += scores[label];
      used++;
    }
    return {value: sum / used, details: {f1: scores}};
  });
}

/**
 * Matthews correlation, from −1 to 1, of any number of labels; zero where one side uses a single label. The same number as
 * scikit-learn's `matthews_corrcoef`; AX-b is scored by it. Details: `accuracy`, `total`.
 *
 * Source: Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient" (2004).
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {matthews, score} from '@subset-tuning/tasks';
 * score(matthews({labels: [0, 1]}), [1, 1, 0, 0], [1, 0, 0, 0]).value; // 0.577…
 * ```
 */
export function matthews(options: LabelsOptions): Metric<Label, Label> {
  checkOptions('matthews', options, LABELS_OPTIONS);
  return confusion('Matthews correlation', {metric: 'matthews'}, options.labels, (counts, n, total) => {
    let [trace, both, predictions, references] = [0, 0, 0, 0];
    for (let label = 0; label < n; label++) {
      const {right, predicted, actual} = margins(counts, n, label);
      trace += right;
      both += predicted * actual;
      predictions += predicted ** 2;
      references += actual ** 2;
    }
    const spread = (total ** 2 - predictions) * (total ** 2 - references);
    return {value: spread === 0 ? 0 : (trace * total - both) / Math.sqrt(spread), details: {}};
  });
}

/** A metric of how often each label was said where each was right. */
function confusion(
  name: string,
  signature: Readonly<Record<string, string>>,
  labels: readonly Label[],
  summarize: (counts: ArrayLike<number>, n: number, total: number) => {value: number; details: Details},
): Metric<Label, Label> {
  const n = labels.length;
  return {
    name,
    higherIsBetter: true,
    size: n * n,
    signature: () => ({...signature, labels: labels.join(',')}),
    statistics(prediction, reference, row) {
      const counts = new Float64Array(n * n);
      const predicted = indexOfLabel(`${row}: the prediction`, prediction, labels);
      counts[indexOfLabel(`${row}: the reference`, reference, labels) * n + predicted] = 1;
      return counts;
    },
    aggregate(counts) {
      let [total, right] = [0, 0];
      for (let i = 0; i < n * n; i++) total += counts[i];
      for (let label = 0; label < n; label++) right += counts[label * (n + 1)];
      const {value, details} = summarize(counts, n, total);
      return {value, details: {...details, accuracy: right / total, total}};
    },
  };
}

/** How often a label was said rightly, said, and right. */
function margins(counts: ArrayLike<number>, n: number, label: number) {
  let [predicted, actual] = [0, 0];
  for (let other = 0; other < n; other++) {
    predicted += counts[other * n + label];
    actual += counts[label * n + other];
  }
  return {right: counts[label * (n + 1)], predicted, actual};
}
