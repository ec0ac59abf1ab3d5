import {callable, check, checkOptions, type Kind, type Kinds, number, wholeNumber} from '@subset-tuning/checks';
import {uniformInt} from 'pure-rand/distribution/uniformInt';
import {xoroshiro128plus} from 'pure-rand/generator/xoroshiro128plus';
import type {RandomGenerator} from 'pure-rand/types/RandomGenerator';

/** What {@link batchesByTokens} must be told. */
export interface BatchOptions<Example> {
  /** About how many tokens a batch holds: its rows times its longest row is at most this. */
  tokens: number;
  /** Seed of the shuffling: the same seed gives the same batches in the same order. */
  seed: number;
  /** Tokens of an example. */
  lengthOf: (example: Example) => number;
}

const EXAMPLES: Kind = {expected: 'an array of examples', is: Array.isArray};
const BATCH_OPTIONS: Kinds<BatchOptions<unknown>> = {
  tokens: wholeNumber(1),
  seed: number('a whole number', Number.isSafeInteger),
  lengthOf: callable,
};

/**
 * Groups examples into batches of about as many tokens each, rows of like length together so that little is padding.
 * Goes on for ever: each pass over the examples is shuffled anew and yields every example once.
 *
 * The generator is xoroshiro128+ (of the library pure-rand), so the order is the same on every machine.
 *
 * @throws where there are no examples, where an option is not as described, and where one example alone has more tokens
 * than a batch.
 *
 * @example
 * ```ts
 * import {batchesByTokens} from '@subset-tuning/trainer';
 * const examples = [[1, 2], [1, 2, 3], [4, 5]];
 * const batches = batchesByTokens(examples, {tokens: 4, seed: 1, lengthOf: (row) => row.length});
 * batches.next().value; // [[4, 5], [1, 2]] or [[1, 2, 3]], …
 * ```
 */
export function batchesByTokens<Example>(
  examples: readonly Example[],
  options: BatchOptions<Example>,
): Generator<Example[], never> {
  check('batchesByTokens: examples', examples, EXAMPLES);
  checkOptions('batchesByTokens', options, BATCH_OPTIONS);
  const {tokens, lengthOf} = options;
  if (examples.length === 0) throw new Error('batchesByTokens: expected at least one example, got none');
  for (const [i, example] of examples.entries()) {
    const length = lengthOf(example);
    check(`batchesByTokens: lengthOf of example ${i}`, length, wholeNumber(0));
    if (length <= tokens) continue;
    throw new Error(`batchesByTokens: example ${i} has ${length} tokens, expected at most the batch's ${tokens}`);
  }
  return endlessBatches(examples, options);
}

// A function of its own, so that what is wrong is said at the call and not when the first batch is asked for.
function* endlessBatches<Example>(
  examples: readonly Example[],
  {tokens, seed, lengthOf}: BatchOptions<Example>,
): Generator<Example[], never> {
  const generator = xoroshiro128plus(seed);
  while (true) {
    // Array.sort is stable, so rows of the same length stay in their shuffled order.
    const byLength = shuffle(examples, generator).sort((a, b) => lengthOf(a) - lengthOf(b));
    yield* shuffle(group(byLength, tokens, lengthOf), generator);
  }
}

function group<Example>(byLength: Example[], tokens: number, lengthOf: (example: Example) => number): Example[][] {
  const batches: Example[][] = [];
  let batch: Example[] = [];
  for (const example of byLength) {
    if ((batch.length + 1) * lengthOf(example) > tokens) {
      batches.push(batch);
      batch = [];
    }
    batch.push(example);
  }
  batches.push(batch);
  return batches;
}

/** A shuffled copy (Fisher and Yates). */
function shuffle<T>(items: readonly T[], generator: RandomGenerator): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = uniformInt(generator, 0, i);
    [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
  }
  return shuffled;
}
