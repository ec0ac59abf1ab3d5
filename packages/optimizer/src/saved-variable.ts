import type {NamedTensor} from './named-gradients.js';

/** What a saved tensor holds, on the host. */
export type SavedTensor = {shape: number[]} & (
  | {dtype: 'float32'; values: Float32Array}
  | {dtype: 'int32'; values: Int32Array}
);

/** The name that a part of a variable's state is saved under. */
export function savedName(kind: 'slots' | 'subset', variable: string, part: string): string {
  return `${kind}/${variable}/${part}`;
}

/** What was saved of one variable: tensors by their whole names, of which each is to be taken once. */
export class SavedVariable {
  readonly #left: Set<string>;

  constructor(
    readonly name: string,
    readonly tensors: ReadonlyMap<string, SavedTensor>,
  ) {
    this.#left = new Set(tensors.keys());
  }

  has(part: string): boolean {
    return this.tensors.has(savedName('subset', this.name, part));
  }

  /** @throws unless there is an int32 tensor of this shape. */
  ints(part: string, shape: readonly number[]): Int32Array {
    const tensor = this.#take(savedName('subset', this.name, part));
    if (tensor.dtype === 'int32' && String(tensor.shape) === String(shape)) return tensor.values;
    throw new Error(this.#isOther('subset', part, `int32 [${shape}]`));
  }

  /** @throws unless there is a float32 tensor of this shape. */
  floats(kind: 'slots' | 'subset', part: string, shape: readonly number[]): Float32Array {
    const tensor = this.#take(savedName(kind, this.name, part));
    if (tensor.dtype === 'float32' && String(tensor.shape) === String(shape)) return tensor.values;
    throw new Error(this.#isOther(kind, part, `float32 [${shape}]`));
  }

  /** Throws where something was not taken. */
  checkAllTaken(): void {
    for (const name of this.#left) throw new Error(`saved '${name}' belongs to none of the variables`);
  }

  #take(name: string): SavedTensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new Error(`saved weights lack '${name}'`);
    this.#left.delete(name);
    return tensor;
  }

  #isOther(kind: 'slots' | 'subset', part: string, expected: string): string {
    const name = savedName(kind, this.name, part);
    const {dtype, shape} = this.#take(name);
    return `saved '${name}' is ${dtype} [${shape}], expected ${expected}`;
  }
}

/**
 * Reads what `getWeights` gave, but for the number of steps.
 *
 * @throws where a name is there twice, or a dtype is none of those that are saved.
 */
export async function readSaved(weights: readonly NamedTensor[]): Promise<Map<string, SavedTensor>> {
  const saved = new Map<string, SavedTensor>();
  for (const {name, tensor} of weights) {
    if (saved.has(name)) throw new Error(`saved '${name}' is there twice`);
    const {shape, dtype} = tensor;
    // A copy: some backends give the very array that they compute with.
    if (dtype === 'float32') saved.set(name, {shape, dtype, values: (await tensor.data<'float32'>()).slice()});
    else if (dtype === 'int32') saved.set(name, {shape, dtype, values: (await tensor.data<'int32'>()).slice()});
    else throw new Error(`saved '${name}' is ${dtype} [${shape}], expected float32 or int32`);
  }
  return saved;
}

/**
 * Saved tensors by the variables that they are of, in the order of the first of each.
 *
 * @throws where a name is none that `getWeights` gives.
 */
export function savedVariables(saved: ReadonlyMap<string, SavedTensor>): Map<string, SavedVariable> {
  const tensors = new Map<string, Map<string, SavedTensor>>();
  for (const [name, tensor] of saved) {
    const variable = /^(?:slots|subset)\/(.+)\/[^/]+$/s.exec(name)?.[1];
    if (variable === undefined) throw new Error(`saved '${name}' belongs to none of the variables`);
    tensors.set(variable, (tensors.get(variable) ?? new Map<string, SavedTensor>()).set(name, tensor));
  }
  return new Map(Array.from(tensors, ([name, own]) => [name, new SavedVariable(name, own)]));
}
