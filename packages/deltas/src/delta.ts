import {
  arrayOf,
  check,
  checkFields,
  cut,
  type Kind,
  type Kinds,
  object,
  optional,
  show,
  text,
  typedArray,
} from '@subset-tuning/checks';

/** What tuning did to one tensor: what `createDelta` makes a delta of. */
export interface TensorChange {
  name: string;
  shape: number[];
  /** Flat positions of the changed entries, ascending. */
  positions: Uint32Array;
  /** The tuned values at these positions, float32, bit for bit. */
  values: Float32Array;
  /** The seed's values at these positions. Left out where the weights given beside it are the seed's own. */
  seeds?: Float32Array;
}

/** One changed tensor of a {@link Delta}. */
export interface DeltaTensor {
  name: string;
  /** The full tensor's shape. */
  shape: readonly number[];
  /** Flat positions of the changed entries, ascending; `'all'` where every entry changed. */
  positions: Uint32Array | 'all';
  /** The values that replace the seed's at these positions, in their order. */
  values: Float32Array;
  /** SHA-256 of the whole seed tensor's bytes (float32, little-endian, row-major), as 64 hexadecimal digits. */
  seedSha256: string;
}

/** The subset of a model's weights that tuning changed, with its values. */
export interface Delta {
  /** The model that the seed comes from: a name for people, not checked. */
  base: string;
  /** The changed tensors; none twice, none without a change. */
  tensors: readonly DeltaTensor[];
  /**
   * One fingerprint of the whole seed, weights that the delta does not change included; missing in files of before it
   * was. SHA-256 of a text with a line for each of the model's weights, in the order of their names (UTF-16 code units):
   * the seed tensor's SHA-256, a space, its dtype and shape, a space, its name as JSON and a line feed, such as
   * `67455a91… float32[2,2] "layer.weight"`.
   */
  seedSha256?: string;
  /**
   * SHA-256 of a text with a line for each tuned tensor, in the order of their names (UTF-16 code units): the tensor's
   * SHA-256, two spaces, its name and a line feed, as `sha256sum` prints it.
   */
  tunedSha256: string;
}

const SHAPE: Kind = {expected: 'an array of whole numbers ≥ 0', is: Array.isArray};
const POSITIONS = typedArray('Uint32Array');
const VALUES = typedArray('Float32Array');

const CHANGES: Kind = {expected: 'an array of changes, as `await optimizer.subset()` gives', is: Array.isArray};
const CHANGE: Kinds<TensorChange> = {
  ...{name: text, shape: SHAPE, positions: POSITIONS, values: VALUES},
  seeds: optional(VALUES),
};
const DELTA = object('a delta: what readDelta makes of a file, or createDelta of changes');
const FIELDS: Kinds<Delta> = {
  base: text,
  tensors: arrayOf(object(''), 'an array of {name, shape, positions, values, seedSha256}'),
  seedSha256: optional(text),
  tunedSha256: text,
};
const TENSOR: Kinds<DeltaTensor> = {
  ...{name: text, shape: SHAPE, values: VALUES, seedSha256: text},
  positions: {expected: "a Uint32Array or 'all'", is: (value) => value === 'all' || POSITIONS.is(value)},
};

/** Positions are stored as 32-bit numbers. */
const MOST_ENTRIES = 2 ** 32;

/** Axes of a tensor; tfjs has at most six. */
export const MOST_AXES = 32;

/** Entries of a tensor of this shape. Throws where it is no shape, or has more entries than positions can name. */
export function sizeOf(what: string, shape: readonly number[]): number {
  if (shape.length > MOST_AXES) {
    throw new Error(`${what}: shape ${show(shape)} has ${shape.length} axes, expected at most ${MOST_AXES}`);
  }
  let size = 1;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new Error(`${what}: shape is ${show(shape)}, expected whole numbers ≥ 0`);
    }
    size *= length;
    if (size > MOST_ENTRIES) throw new Error(`${what}: shape ${show(shape)} has more than ${MOST_ENTRIES} entries`);
  }
  return size;
}

/** Throws unless the positions ascend inside a tensor of this size. */
function checkPositions(what: string, positions: Uint32Array, size: number): void {
  let last = -1;
  for (const position of positions) {
    if (position <= last) throw new Error(`${what}: position ${position} follows ${last}, expected them to ascend`);
    last = position;
  }
  if (last >= size) throw new Error(`${what}: position ${last} lies outside the tensor's ${size} entries`);
}

/** Throws where changes are not what {@link TensorChange} promises. */
export function checkChanges(changes: readonly TensorChange[]): void {
  check('createDelta: changes', changes, CHANGES);
  for (const [i, change] of changes.entries()) {
    checkFields(`createDelta: change ${i}`, change, CHANGE);
    const {name, shape, positions, values, seeds = values} = change;
    const what = cut(name);
    checkPositions(what, positions, sizeOf(what, shape));
    for (const [kind, {length}] of Object.entries({values, seeds})) {
      if (length === positions.length) continue;
      throw new Error(`${what}: ${length} ${kind}, expected ${positions.length}, one a position`);
    }
  }
}

/** Throws where a tensor is not what {@link DeltaTensor} promises. */
function checkTensor({name, shape, positions, values, seedSha256}: DeltaTensor): void {
  const what = cut(name);
  const size = sizeOf(what, shape);
  const count = positions === 'all' ? size : positions.length;
  if (values.length !== count) throw new Error(`${what}: ${values.length} values, expected ${count}, one a position`);
  if (count === 0) throw new Error(`${what}: no entry is changed, expected at least one`);
  if (positions !== 'all') {
    checkPositions(what, positions, size);
    if (count === size) throw new Error(`${what}: all ${size} positions are listed, expected 'all'`);
  }
  checkHash(what, seedSha256);
}

/** Throws where a hash is not 64 lower-case hexadecimal digits. */
function checkHash(what: string, hash: string): void {
  if (!/^[0-9a-f]{64}$/.test(hash)) {
    throw new Error(`${what}: SHA-256 is ${show(hash)}, expected 64 hexadecimal digits`);
  }
}

/** Throws where a delta or one of its tensors is not what its type promises, or two tensors have the same name. */
export function checkDelta(delta: Delta): void {
  check('delta', delta, DELTA);
  checkFields('delta', delta, FIELDS);
  const {tensors, seedSha256, tunedSha256} = delta;
  if (seedSha256 !== undefined) checkHash('delta: the whole seed', seedSha256);
  checkHash('delta', tunedSha256);
  const names = new Set<string>();
  for (const [i, tensor] of tensors.entries()) {
    checkFields(`delta: tensor ${i}`, tensor, TENSOR);
    checkTensor(tensor);
    if (names.has(tensor.name))
      throw new Error(`${cut(tensor.name)}: the delta has this tensor twice, expected it once`);
    names.add(tensor.name);
  }
}
