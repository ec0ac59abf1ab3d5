import {checkFields, type Kinds} from './check-fields.js';
import {isObject} from './kind.js';
import {show} from './show.js';

/**
 * Throws unless options are an object in which every name is known and every value is what it must be; one that may be
 * left out is `optional`.
 *
 * @param what the function and, where it is not `options`, the parameter.
 *
 * @example
 * ```ts
 * import {checkOptions, number, optional, wholeNumber} from '@subset-tuning/checks';
 * const kinds = {steps: wholeNumber(1), rate: optional(number('a number above 0', (rate) => rate > 0))};
 * checkOptions('walk', {steps: 3}, kinds);
 * // of {step: 3}: walk: there is no option "step" (3), expected steps, rate
 * ```
 */
export function checkOptions<Options extends object>(what: string, options: Options, kinds: Kinds<Options>): void {
  const names = Object.keys(kinds).join(', ');
  if (!isObject(options))
    throw new Error(`${what}: the options are ${show(options)}, expected an object with ${names}`);
  for (const [name, value] of Object.entries(options)) {
    if (Object.hasOwn(kinds, name)) continue;
    throw new Error(`${what}: there is no option ${show(name)} (${show(value)}), expected ${names}`);
  }
  checkFields(what, options, kinds);
}
