import {check} from './check.js';
import {isObject, type Kind} from './kind.js';
import {show} from './show.js';

/** What each field or option must be, in the order in which messages list them. All names of a type, and no other. */
export type Kinds<T> = {readonly [Name in keyof Required<T>]: Kind};

/**
 * Throws unless a value is an object whose fields are what they must be. It may have others besides.
 *
 * @example
 * ```ts
 * import {checkFields, text} from '@subset-tuning/checks';
 * checkFields('encodePair: pair', {source: 'Go.', target: 'Geh.'}, {source: text, target: text});
 * // of 'Go.': encodePair: pair is "Go.", expected an object with source, target
 * // of {source: 'Go.'}: encodePair: pair: target is undefined, expected a string
 * ```
 */
export function checkFields<T extends object>(what: string, value: T, kinds: Kinds<T>): void {
  const known = Object.entries<Kind>(kinds);
  if (!isObject(value)) {
    throw new Error(`${what} is ${show(value)}, expected an object with ${known.map(([name]) => name).join(', ')}`);
  }
  for (const [name, kind] of known) check(`${what}: ${name}`, value[name], kind);
}
