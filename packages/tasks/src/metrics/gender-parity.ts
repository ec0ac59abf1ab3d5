import {check, type Kind} from '@subset-tuning/checks';
import {LABEL, type Label} from './label.js';
import type {Metric} from './metric.js';

/** The labels of the two sentences of a pair, which differ in a pronoun's gender alone. */
export type LabelPair = readonly [Label, Label];

const PAIR: Kind = {
  expected: 'an array of two labels',
  is: (value) => Array.isArray(value) && value.length === 2 && value.every(LABEL.is),
};

/**
 * AX-g's gender parity, from 0 to 1: the share of pairs of which both sentences get the same label, right or wrong. A row is
 * a pair. Details: `accuracy` over all sentences, and `total`, the number of pairs.
 *
 * Sources: Rudinger et al., "Gender bias in coreference resolution" (NAACL 2018); Wang et al., "SuperGLUE" (2019).
 *
 * @example
 * ```ts
 * import {genderParity, score} from '@subset-tuning/tasks';
 * const pairs = [['entailment', 'entailment'], ['entailment', 'not_entailment']] as const;
 * score(genderParity(), pairs, [['not_entailment', 'not_entailment'], ['entailment', 'entailment']]).value; // 0.5
 * ```
 */
export function genderParity(): Metric<LabelPair, LabelPair> {
  return {
    name: 'gender parity',
    higherIsBetter: true,
    size: 3,
    signature: () => ({metric: 'gender_parity'}),
    statistics(prediction, reference, row) {
      check(`${row}: the prediction`, prediction, PAIR);
      check(`${row}: the reference`, reference, PAIR);
      const right = prediction.filter((label, i) => label === reference[i]).length;
      return [prediction[0] === prediction[1] ? 1 : 0, right, 1];
    },
    aggregate: (sum) => ({value: sum[0] / sum[2], details: {accuracy: sum[1] / (2 * sum[2]), total: sum[2]}}),
  };
}
