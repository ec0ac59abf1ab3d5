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

/**
 * Groups examples into batches of about as many tokens each, rows of like length together so that little is padding.
 * Goes on for ever: each pass over the examples is shuffled anew and yields every example once.
 *
 * The generator is xoroshiro128+ (of the library pure-rand), so the order is the same on every machine.
 *
 * @throws where there are no examples, where `tokens` is not a whole number above 0, and where one example alone has
 * more tokens than a batch.
 *
 * @example
 * ```ts
 * import {batchesByTokens} from '@subset-tuning/trainer';
 * const examples = [[1, 2], [1, 2, 3], [4, 5]];
 * const batches = batchesByTokens(examples, {tokens: 4, seed: 1, lengthOf: (row) => row.length});
 * batches.next().value; // [[4, 5], [1, 2]] or [[1, 2, 3]], …
 * ```
 */
export function* batchesByTokens<Example>(
  examples: readonly Example[],
  {tokens, seed, lengthOf}: BatchOptions<Example>,
): Generator<Example[], never> {
  if (examples.length === 0) throw new Error('batchesByTokens: expected at least one example, got none');
  if (!Number.isSafeInteger(tokens) || tokens < 1) {
    throw new Error(`batchesByTokens: tokens is ${tokens}, expected a whole number above 0`);
  }
  const tooLong = examples.findIndex((example) => lengthOf(example) > tokens);
  if (tooLong >= 0) {
    const length = lengthOf(examples[tooLong]);
    throw new Error(`batchesByTokens: example ${tooLong} has ${length} tokens, expected at most the batch's ${tokens}`);
  }
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
