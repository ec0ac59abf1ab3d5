import {check, checkOptions, cut, flag, type Kinds, map, object, optional, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {bitsOf, equal, put, readBits, take} from './bits.js';
import {checkReadable} from './check-readable.js';
import {checkDelta, type Delta} from './delta.js';
import {findWeights} from './find-weights.js';
import {hold} from './hold.js';
import {seedHash} from './seed-hash.js';
import {sha256, tunedHash} from './sha-256.js';

/** Options of {@link applyDelta}. */
export interface ApplyOptions {
  /**
   * Which SHA-256s to compare before anything changes. Default true.
   *
   * - `true`: that the weights which the delta changes are its seed's, and that they become exactly what was tuned. Two
   *   passes of hashing over each.
   * - `'all'`: besides, that all other weights of the model are the seed's too, so that the model becomes the one that
   *   was tuned. One pass over each of them.
   * - `false`: none. A wrong seed or a damaged value goes unnoticed.
   */
  verify?: boolean | 'all';
}

const APPLY_OPTIONS: Kinds<ApplyOptions> = {
  verify: optional({expected: "true, false or 'all'", is: (value) => flag.is(value) || value === 'all'}),
};
const WEIGHTS = map('a Map of names to variables');
const MODEL = object('a model: an object with weights, a Map of names to variables', ({weights}) =>
  WEIGHTS.is(weights),
);

/**
 * Puts the weights that a delta changed back to what they were, bit for bit.
 *
 * What counts is what the weights are, not who assigned them: deltas that were applied one on the other come off last
 * first. A weight that was assigned to since is compared with what the delta made of it: by its SHA-256, or, where
 * `verify` was false, at the changed positions alone.
 *
 * @throws where that was done already, and where a weight is disposed or not what the delta made of it; nothing is
 * changed then, and it can be called again.
 */
export type Revert = () => Promise<void>;

/**
 * Applies a delta to a model's weights in place (`variable.assign`). All or nothing: everything is checked, and the
 * new tensors are made, before the first weight changes, and then all change at once, before anything else can run.
 * Clones of a weight keep what they hold.
 *
 * It replaces what the delta holds and looks at no other weight, unless `verify` is `'all'`.
 *
 * Values go from and to the backend by `data()` and `tf.tensor`, never through an operation, so they keep their bits
 * where the backend stores what it is given (cpu and wasm do; a GPU that rewrites NaNs or subnormals may not, which
 * `verify` notices).
 *
 * To be undone it remembers the seed's values at the changed positions, not a copy of the model.
 *
 * @returns how to undo it.
 * @throws where the model lacks a weight, or has it in another shape or dtype; where a weight is not the seed's (the
 * error gives both hashes); where the result is not what was tuned, so the delta is damaged; where all weights are to be
 * verified and the delta, of before there was one, has no fingerprint of them; and where a weight is assigned to
 * meanwhile.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {applyDelta, createDelta} from '@subset-tuning/deltas';
 * const weights = new Map([['w', tf.variable(tf.tensor1d([1, 2, 3]))]]);
 * const change = {name: 'w', shape: [3], positions: Uint32Array.of(2), values: Float32Array.of(9)};
 * const delta = await createDelta([change], {base: 'my-model', weights});
 * const revert = await applyDelta({weights}, delta); // w is [1, 2, 9]
 * await revert(); // w is [1, 2, 3]
 * ```
 */
export async function applyDelta(
  model: {weights: ReadonlyMap<string, tf.Variable>},
  delta: Delta,
  options: ApplyOptions = {},
): Promise<Revert> {
  check('applyDelta: model', model, MODEL);
  checkOptions('applyDelta', options, APPLY_OPTIONS);
  checkDelta(delta);
  const {verify = true} = options;
  const variables = findWeights(model.weights, delta.tensors);
  for (const [i, variable] of variables.entries()) {
    if (variable instanceof tf.Variable) continue;
    throw new Error(`${cut(delta.tensors[i].name)}: the model's weight is ${show(variable)}, expected a tf.Variable`);
  }
  if (verify === 'all') {
    if (delta.seedSha256 === undefined) {
      throw new Error(
        "applyDelta: verify is 'all', but the delta is an older one, without a fingerprint of the whole seed",
      );
    }
    for (const [name, weight] of model.weights) checkReadable(name, weight);
  }
  const weights = delta.tensors.map(({name}, i) => asRead(name, variables[i]));
  const others = verify === 'all' ? Array.from(model.weights, ([name, weight]) => asRead(name, weight)) : [];
  const read = [...weights, ...others].map(({variable}) => variable);
  const {edits, changes} = await hold(read, async (held) => {
    const edits: Edit[] = [];
    const changes: Change[] = [];
    const tuned = new Map<string, string>();
    for (const [i, {name, positions, values, seedSha256}] of delta.tensors.entries()) {
      const bits = await readBits(held(variables[i]));
      if (verify) {
        const hash = await sha256(bits);
        if (hash !== seedSha256) {
          throw new Error(
            `${cut(name)}: SHA-256 of the weight is ${hash}, expected ${seedSha256}, the seed's (base ${show(delta.base)})`,
          );
        }
      }
      const seeds = take(bits, positions);
      put(bits, positions, bitsOf(values));
      if (verify) tuned.set(name, await sha256(bits));
      changes.push({positions, seeds, values: bitsOf(values), tunedSha256: tuned.get(name)});
      edits.push({...weights[i], bits});
    }
    if (verify) {
      const hash = await tunedHash(tuned);
      if (hash !== delta.tunedSha256) {
        throw new Error(`delta: SHA-256 of the result is ${hash}, expected ${delta.tunedSha256}; the delta is damaged`);
      }
    }
    if (verify === 'all') {
      const known = new Map(variables.map((variable, i) => [variable, delta.tensors[i].seedSha256]));
      const hash = await seedHash(model.weights, held, known);
      if (hash !== delta.seedSha256) {
        throw new Error(
          `delta: SHA-256 of the model's ${model.weights.size} weights is ${hash}, expected ${delta.seedSha256}, the seed's (base ${show(delta.base)}): a weight that the delta does not change differs, is missing or is one too many`,
        );
      }
    }
    return {edits, changes};
  });
  others.forEach(checkUnchanged);
  assignAll(edits);

  const applied = weights.map(({name, variable}, i) => ({...asRead(name, variable), ...changes[i]}));
  let reverted = false;
  return async () => {
    if (reverted) throw new Error('revert: the delta is reverted already');
    reverted = true;
    try {
      await revertAll(applied);
    } catch (error) {
      reverted = false;
      throw error;
    }
  };
}

/** What a delta did to a weight. */
interface Change {
  positions: Uint32Array | 'all';
  /** What was at the positions, and what is there now. */
  seeds: Uint32Array;
  values: Uint32Array;
  /** Of the whole weight as it is now, where that was verified. */
  tunedSha256: string | undefined;
}

/** Puts the seeds back in all weights, or in none. */
async function revertAll(applied: readonly (Weight & Change)[]): Promise<void> {
  const weights = applied.map(({name, variable}) => {
    if (variable.isDisposed) throw new Error(`${cut(name)}: the weight is disposed`);
    return asRead(name, variable);
  });
  const edits = await hold(
    weights.map(({variable}) => variable),
    async (held) => {
      const edits: Edit[] = [];
      for (const [i, change] of applied.entries()) {
        const weight = weights[i];
        const bits = await readBits(held(weight.variable));
        if (weight.dataId !== change.dataId) await checkTuned(weight.name, bits, change);
        put(bits, change.positions, change.seeds);
        edits.push({...weight, bits});
      }
      return edits;
    },
  );
  assignAll(edits);
}

/** Throws where a weight is not what the delta made of it. */
async function checkTuned(
  name: string,
  bits: Uint32Array<ArrayBuffer>,
  {positions, values, tunedSha256}: Change,
): Promise<void> {
  let found: string;
  if (tunedSha256 === undefined) {
    if (equal(take(bits, positions), values)) return;
    found = 'holds other values at the positions that the delta changed';
  } else {
    const hash = await sha256(bits);
    if (hash === tunedSha256) return;
    found = `has SHA-256 ${hash}, expected ${tunedSha256}`;
  }
  throw new Error(
    `${cut(name)}: the weight ${found}: what was done to it since must be undone first; nothing is changed`,
  );
}

/** A weight as it was when it was read. Whoever assigns to a variable gives it a new data id. */
interface Weight {
  name: string;
  variable: tf.Variable;
  dataId: tf.Variable['dataId'];
}

/** A weight and the words that it shall hold. */
interface Edit extends Weight {
  bits: Uint32Array<ArrayBuffer>;
}

/** Gives all variables their new values, or none. Nothing can come in between: it does not wait. */
function assignAll(edits: readonly Edit[]): void {
  edits.forEach(checkUnchanged);
  const values: tf.Tensor[] = [];
  try {
    for (const {variable, bits} of edits) {
      values.push(tf.tensor(new Float32Array(bits.buffer), variable.shape, 'float32'));
    }
    edits.forEach(({variable}, i) => {
      variable.assign(values[i]);
    });
  } finally {
    tf.dispose(values);
  }
}

function asRead(name: string, variable: tf.Variable): Weight {
  return {name, variable, dataId: variable.dataId};
}

function checkUnchanged({name, variable, dataId}: Weight): void {
  if (variable.isDisposed) throw new Error(`${cut(name)}: the weight is disposed`);
  if (variable.dataId !== dataId)
    throw new Error(`${cut(name)}: the weight was assigned to meanwhile; nothing is changed`);
}
