import type {Eager} from './eager.js';
import type {Handle} from './node-backend.js';

/** For each byte, which of its bits are set, from the lowest. */
const BYTE_BITS = Uint8Array.from({length: 256 * 8}, (_, i) => ((i >>> 3) >>> (i & 7)) & 1);

/**
 * The places of the bits that are set in a mask's words, ascending, as int64. Looks only at bytes that are not zero.
 * Words are taken for little-endian, as TensorFlow's machines are.
 */
export function placesOf(eager: Eager, words: Handle): Handle {
  return eager.tidy(() => {
    const bytes = eager.reshape(eager.bitcast(words, eager.uint8), [words.shape[0] * 4]);
    const used = eager.where(eager.binary('NotEqual', bytes, 0));
    const values = eager.cast(eager.gather(bytes, used), eager.int32);
    const bits = eager.gather(eager.bools(BYTE_BITS, [256, 8]), values);
    return eightfold(eager, used, bits);
  });
}

/** Place 8·group + i for each true bits[row][i], `groups` holding the group of each row. Ascending. */
export function eightfold(eager: Eager, groups: Handle, bits: Handle): Handle {
  return eager.tidy(() => {
    const flat = eager.where(eager.reshape(bits, [groups.shape[0] * 8]));
    const row = eager.binary('RightShift', flat, 3);
    const first = eager.binary('LeftShift', eager.gather(groups, row), 3);
    return eager.binary('AddV2', first, eager.binary('BitwiseAnd', flat, 7));
  });
}

/** Words in which the bits of these places, int64 and ascending, are set. */
export function wordsOf(eager: Eager, places: Handle, words: number): Handle {
  return eager.tidy(() => {
    const word = eager.binary('RightShift', places, 5);
    const bit = eager.cast(eager.binary('BitwiseAnd', places, 31), eager.int32);
    // A sum of different bits sets them all.
    return eager.run('UnsortedSegmentSum', [eager.binary('LeftShift', 1, bit), word, eager.scalar(words, eager.int32)]);
  });
}

/** How many places two masks have in common. */
export function countCommon(eager: Eager, words: Handle, others: Handle): number {
  let count = 0;
  eager.tidy(() => {
    const bits = eager.run('PopulationCount', [eager.run('BitwiseAnd', [words, others])]);
    count = eager.read(eager.sum(eager.cast(bits, eager.int32)))[0];
    return undefined;
  });
  return count;
}
