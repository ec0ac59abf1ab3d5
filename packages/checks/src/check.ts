import type {Kind} from './kind.js';
import {show} from './show.js';

/**
 * Throws unless a value is what it must be.
 *
 * @param what the thing, as the message calls it: the function and the name of its parameter.
 *
 * @example
 * ```ts
 * import {bytes, check} from '@subset-tuning/checks';
 * check('readDelta: bytes', new Uint8Array(8), bytes);
 * // of an array: readDelta: bytes is [1,2], expected a Uint8Array
 * ```
 */
export function check(what: string, value: unknown, {expected, is}: Kind): void {
  if (!is(value)) throw new Error(`${what} is ${show(value)}, expected ${expected}`);
}
