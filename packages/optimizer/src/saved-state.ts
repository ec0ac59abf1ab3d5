import {INFO_LENGTH, Info, type SubsetStateArrays} from '@subset-tuning/kernels';
import type {Variable} from '@tensorflow/tfjs-core';
import {type SavedTensor, type SavedVariable, savedName} from './saved-variable.js';
import type {SiloMembers} from './silos.js';
import {sum} from './sum.js';

/** A silo's state and budget, on the host. */
export interface SavedSilo {
  arrays: SubsetStateArrays;
  budget: number;
}

/** What is saved of a silo but for its slots: of each variable its own part; with the first, what is the silo's. */
export function siloToSaved(
  {variables, sizes}: SiloMembers,
  {arrays: [mask, seeds, info], budget}: SavedSilo,
): [name: string, tensor: SavedTensor][] {
  let word = 0;
  let rank = 0;
  return variables.flatMap(({name, shape}, i) => {
    const words = mask.slice(word, word + Math.ceil(sizes[i] / 32));
    const own = seeds.slice(rank, rank + bitCount(words));
    word += words.length;
    rank += own.length;
    const ints = (part: string, values: Int32Array): [string, SavedTensor] => [
      savedName('subset', name, part),
      {dtype: 'int32', shape: [values.length], values},
    ];
    return [
      ints('shape', Int32Array.from(shape)),
      ints('mask', words),
      [savedName('subset', name, 'seeds'), {dtype: 'float32', shape: [own.length], values: own}],
      ...(i === 0 ? [ints('info', info), ints('budget', Int32Array.of(budget))] : []),
    ];
  });
}

/**
 * The saved state of a silo, or undefined where none of its variables was saved. One that was not has nothing in it.
 *
 * @throws unless what was saved is what is kept of these variables, and its parts fit one another.
 */
export function siloFromSaved(
  {name, variables, sizes}: SiloMembers,
  savedOf: (variable: Variable) => SavedVariable | undefined,
): SavedSilo | undefined {
  const found = variables.map(savedOf);
  const known = found.filter((saved) => saved !== undefined);
  if (known.length === 0) return undefined;
  const parts = variables.map((variable, i) => readPart(variable, found[i]));
  const chosen = sum(parts.map(({seeds}) => seeds.length));
  const owners = known.filter((saved) => saved.has('info'));
  if (owners.length !== 1) {
    const names = owners.map((saved) => `'${saved.name}'`).join(', ') || 'none';
    throw new Error(
      `silo '${name}' is made of ${owners.length} saved silos (${names}), expected one: they were others`,
    );
  }
  const [owner] = owners;
  const info = owner.ints('info', [INFO_LENGTH]).slice();
  if (info[Info.size] !== chosen) {
    const what = savedName('subset', owner.name, 'info');
    throw new Error(`saved '${what}' counts ${info[Info.size]} entries, expected the ${chosen} of silo '${name}'`);
  }
  const [budget] = owner.ints('budget', [1]);
  const size = sum(sizes);
  if (budget < chosen || budget > size) {
    const what = savedName('subset', owner.name, 'budget');
    throw new Error(`saved '${what}' is ${budget}, expected from ${chosen} to ${size}, the entries of silo '${name}'`);
  }
  const mask = new Int32Array(sum(parts.map((part) => part.mask.length)));
  const seeds = new Float32Array(Math.max(1, chosen));
  let word = 0;
  let rank = 0;
  for (const part of parts) {
    mask.set(part.mask, word);
    seeds.set(part.seeds, rank);
    word += part.mask.length;
    rank += part.seeds.length;
  }
  return {arrays: [mask, seeds, info], budget};
}

function readPart({name, shape, size}: Variable, saved: SavedVariable | undefined) {
  const words = Math.ceil(size / 32);
  if (saved === undefined) return {mask: new Int32Array(words), seeds: new Float32Array(0)};
  const savedShape = saved.ints('shape', [shape.length]);
  if (String(savedShape) !== String(shape)) {
    throw new Error(`saved '${saved.name}' has shape [${savedShape}], expected [${shape}], as '${name}' has`);
  }
  const mask = saved.ints('mask', [words]);
  const past = size % 32 === 0 ? 0 : mask[words - 1] >>> (size % 32);
  if (past !== 0) {
    const place = size + 31 - Math.clz32(past & -past);
    throw new Error(`saved '${savedName('subset', saved.name, 'mask')}' chooses element ${place} of ${size}`);
  }
  const seeds = saved.floats('subset', 'seeds', [bitCount(mask)]);
  const at = seeds.findIndex((seed) => !Number.isFinite(seed));
  if (at >= 0) {
    const what = savedName('subset', saved.name, 'seeds');
    throw new Error(`saved '${what}' has ${seeds[at]} at place ${at}, expected finite numbers`);
  }
  return {mask, seeds};
}

/** How many bits are set. */
function bitCount(words: Int32Array): number {
  let count = 0;
  for (const word of words) {
    const pairs = word - ((word >>> 1) & 0x55555555);
    const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
    count += Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}
