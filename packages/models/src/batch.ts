import {check, checkFields, type Kind, type Kinds} from '@subset-tuning/checks';

/**
 * What a language model learns from in one step: rows of equal length. At each place the model reads `inputs` up to
 * there and is asked for `targets` there, which counts as much as `weights` says.
 */
export interface Batch {
  /** Token ids, [rows][length]. */
  inputs: readonly (readonly number[])[];
  /** Token ids, like `inputs`. */
  targets: readonly (readonly number[])[];
  /** Numbers ≥ 0, like `inputs`; at least one is not 0. */
  weights: readonly (readonly number[])[];
}

/** A sequence to learn, of which the first `sourceLength` tokens are given. */
export interface Example {
  ids: readonly number[];
  sourceLength: number;
}

const EXAMPLES: Kind = {expected: 'an array of {ids, sourceLength}', is: Array.isArray};
const EXAMPLE: Kinds<Example> = {
  ids: {expected: 'an array of token ids', is: Array.isArray},
  sourceLength: {expected: 'a number', is: (value) => typeof value === 'number'},
};

/**
 * The batch that teaches these examples: each token after the given ones counts 1, the given ones and padding 0.
 * Padding is on the right, where a causal model never looks, so it needs no token of its own.
 *
 * @throws where there is no example, or one has nothing given or nothing to learn.
 *
 * @example
 * ```ts
 * import {collate} from '@subset-tuning/models';
 * collate([{ids: [1, 7, 4, 9, 2], sourceLength: 3}, {ids: [1, 4, 2], sourceLength: 2}]);
 * // inputs  [[1, 7, 4, 9], [1, 4, 0, 0]]
 * // targets [[7, 4, 9, 2], [4, 2, 0, 0]]
 * // weights [[0, 0, 1, 1], [0, 1, 0, 0]]
 * ```
 */
export function collate(examples: readonly Example[]): Batch {
  check('collate: examples', examples, EXAMPLES);
  if (examples.length === 0) throw new Error('collate: expected at least one example, got none');
  for (const [i, example] of examples.entries()) {
    checkFields(`collate: example ${i}`, example, EXAMPLE);
    const {ids, sourceLength} = example;
    if (Number.isInteger(sourceLength) && sourceLength >= 1 && sourceLength < ids.length) continue;
    throw new Error(
      `collate: example ${i} is given ${sourceLength} of its ${ids.length} tokens, expected some of them`,
    );
  }
  const length = examples.reduce((most, {ids}) => Math.max(most, ids.length - 1), 0);
  const row = (value: (at: number) => number | undefined) => Array.from({length}, (_, at) => value(at) ?? 0);
  return {
    inputs: examples.map(({ids}) => row((at) => (at < ids.length - 1 ? ids[at] : 0))),
    targets: examples.map(({ids}) => row((at) => ids[at + 1])),
    weights: examples.map(({ids, sourceLength}) => row((at) => Number(at >= sourceLength - 1 && at < ids.length - 1))),
  };
}
