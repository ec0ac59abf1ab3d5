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
    const word = eager.reshape(eager.binary('RightShift', places, 5), [places.shape[0], 1]);
    const bit = eager.cast(eager.binary('BitwiseAnd', places, 31), eager.int32);
    // A sum of different bits sets them all.
    return eager.run('ScatterNd', [
      word,
      eager.binary('LeftShift', 1, bit),
      eager.cast(eager.ints([words]), eager.int64),
    ]);
  });
}

/** How many of these places are set in a mask's words. */
export function countSet(eager: Eager, words: Handle, places: Handle): number {
  let count = 0;
  eager.tidy(() => {
    const word = eager.gather(words, eager.binary('RightShift', places, 5));
    const bit = eager.cast(eager.binary('BitwiseAnd', places, 31), eager.int32);
    const isSet = eager.binary('NotEqual', eager.binary('BitwiseAnd', word, eager.binary('LeftShift', 1, bit)), 0);
    count = eager.count(isSet);
    return undefined;
  });
  return count;
}
