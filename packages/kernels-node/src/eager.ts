import type {Tensor, TensorInfo} from '@tensorflow/tfjs-core';
import type {Handle, NodeBackend, OpAttr} from './node-backend.js';

/** How many variables there have been: their names must differ. */
let variables = 0;

/** A number to compute with, in the type of the other operand, or a tensor. */
export type Operand = Handle | number;

/**
 * TensorFlow's eager ops on handles. What an op gives is deleted when the scope ends in which it ran, see {@link tidy}.
 * The types of an op's inputs are attributes that TensorFlow infers; only the others are named.
 */
export class Eager {
  readonly float: number;
  readonly int32: number;
  readonly int64: number;
  readonly uint8: number;
  readonly bool: number;
  readonly #backend: NodeBackend;
  #scope = new Set<number>();
  readonly #variables = new Set<number>();

  constructor(backend: NodeBackend) {
    this.#backend = backend;
    const {TF_FLOAT, TF_INT32, TF_INT64, TF_UINT8, TF_BOOL} = backend.binding;
    this.float = TF_FLOAT;
    this.int32 = TF_INT32;
    this.int64 = TF_INT64;
    this.uint8 = TF_UINT8;
    this.bool = TF_BOOL;
  }

  /** Runs `body` and deletes all handles that it made, but for those that it returns. */
  tidy<T extends Handle | Handle[] | undefined>(body: () => T): T {
    const outer = this.#scope;
    const inner = new Set<number>();
    this.#scope = inner;
    try {
      const result = body();
      const kept: Handle[] = result === undefined ? [] : Array.isArray(result) ? result : [result];
      for (const {id} of kept) if (inner.delete(id)) outer.add(id);
      return result;
    } finally {
      this.#scope = outer;
      for (const id of inner) this.#delete(id);
    }
  }

  #delete(id: number): void {
    if (this.#variables.delete(id)) this.#backend.binding.executeOp('DestroyResourceOp', [], [id], 0);
    this.#backend.binding.deleteTensor(id);
  }

  /** Deletes a handle of this scope at once. */
  free({id}: Handle): void {
    if (this.#scope.delete(id)) this.#delete(id);
  }

  run(name: string, inputs: readonly Handle[], attrs: readonly OpAttr[] = []): Handle {
    const [output] = this.#execute(name, inputs, attrs, 1);
    this.#scope.add(output.id);
    return output;
  }

  /** Runs an op of ours, whose outputs are the caller's to delete. */
  runOwn(name: string, inputs: readonly {id: number}[], attrs: readonly OpAttr[], outputs: number): Handle[] {
    return this.#execute(name, inputs, attrs, outputs);
  }

  #execute(name: string, inputs: readonly {id: number}[], attrs: readonly OpAttr[], outputs: number): Handle[] {
    return this.#backend.binding.executeOp(
      name,
      attrs,
      inputs.map(({id}) => id),
      outputs,
    );
  }

  /** Takes a handle out of its scope: the caller deletes it. */
  release({id}: Handle): number {
    this.#scope.delete(id);
    return id;
  }

  /** Runs an op that changes a variable and gives nothing. */
  change(name: string, inputs: readonly Handle[], attrs: readonly OpAttr[] = []): void {
    this.#execute(name, inputs, attrs, 0);
  }

  /** A variable of float32 that shares the value's memory until it is changed. Destroyed as a handle is deleted. */
  variable(value: Handle): Handle {
    const {TF_ATTR_SHAPE} = this.#backend.binding;
    const variable = this.run(
      'VarHandleOp',
      [],
      [
        this.type('dtype', this.float),
        {name: 'shape', type: TF_ATTR_SHAPE, value: value.shape},
        this.text('shared_name', `subset-tuning-${variables++}`),
      ],
    );
    this.#variables.add(variable.id);
    this.change('AssignVariableOp', [variable, value]);
    return variable;
  }

  /** What a variable holds, as a handle that shares its memory: the next change of the variable copies first. */
  readVariable(variable: Handle): Handle {
    return this.run('ReadVariableOp', [variable], [this.type('dtype', this.float)]);
  }

  /** Writes values at places of a variable. */
  scatter(variable: Handle, places: Handle, values: Handle): void {
    this.change('ResourceScatterUpdate', [variable, places, values]);
    // Or each reading would copy from here on.
    this.change('DisableCopyOnRead', [variable]);
  }

  // Between tfjs and handles.

  /** The data of a tensor as one long row, which shares its memory. */
  row(info: TensorInfo): Handle {
    const size = info.shape.reduce((product, length) => product * length, 1);
    const [id] = this.#backend.getInputTensorIds([info]);
    return this.reshape({id, shape: info.shape, dtype: 0}, [size]);
  }

  /** The handle as a tensor, in another shape of as many elements. */
  toTensor(handle: Handle, shape: readonly number[]): Tensor {
    const output = this.reshape(handle, shape);
    this.release(output);
    return this.#backend.createOutputTensor(output);
  }

  ints(values: readonly number[] | Int32Array): Handle {
    return this.#create([values.length], this.int32, Int32Array.from(values));
  }

  floats(values: readonly number[]): Handle {
    return this.#create([values.length], this.float, Float32Array.from(values));
  }

  /** A scalar of a type. */
  scalar(value: number, dtype = this.float): Handle {
    switch (dtype) {
      case this.float:
        return this.#create([], dtype, Float32Array.of(value));
      case this.int32:
        return this.#create([], dtype, Int32Array.of(value));
      case this.int64:
        return this.#create([], dtype, Int32Array.of(value, Math.floor(value / 2 ** 32)));
      default:
        return this.#create([], dtype, Uint8Array.of(value));
    }
  }

  /** A tensor of bool from bytes that are 0 or 1. */
  bools(values: Uint8Array, shape: readonly number[]): Handle {
    return this.#create(shape, this.bool, values);
  }

  #create(shape: readonly number[], dtype: number, values: Float32Array | Int32Array | Uint8Array): Handle {
    const id = this.#backend.binding.createTensor(shape, dtype, values);
    this.#scope.add(id);
    return {id, shape, dtype};
  }

  /** Reads a handle of int32. Waits for the device. */
  read({id}: Handle): Int32Array {
    // The addon gives an array of the handle's own type.
    return this.#backend.binding.tensorDataSync(id) as Int32Array;
  }

  /** Reads a float32 scalar. */
  readFloat({id}: Handle): number {
    return Number(this.#backend.binding.tensorDataSync(id)[0]);
  }

  // Ops.

  /** An elementwise op of two operands, one of which may be a number. */
  binary(name: string, a: Operand, b: Operand): Handle {
    const dtype = typeof a === 'number' ? (typeof b === 'number' ? this.float : b.dtype) : a.dtype;
    const operand = (x: Operand) => (typeof x === 'number' ? this.scalar(x, dtype) : x);
    return this.run(name, [operand(a), operand(b)]);
  }

  /** Elementwise, as a number of the condition's. */
  select(condition: Handle, a: Operand, b: Operand): Handle {
    const dtype = typeof a === 'number' ? (typeof b === 'number' ? this.float : b.dtype) : a.dtype;
    const operand = (x: Operand) => (typeof x === 'number' ? this.scalar(x, dtype) : x);
    return this.run('SelectV2', [condition, operand(a), operand(b)]);
  }

  cast(x: Handle, dtype: number): Handle {
    return this.run('Cast', [x], [this.type('DstT', dtype)]);
  }

  /** The same bits as another type. Between types of unlike width the last dimension comes or goes. */
  bitcast(x: Handle, dtype: number): Handle {
    return this.run('Bitcast', [x], [this.type('type', dtype)]);
  }

  reshape(x: Handle, shape: readonly number[]): Handle {
    return this.run('Reshape', [x, this.ints(shape)]);
  }

  /** A piece of a row; shares its memory where that is aligned. */
  slice(x: Handle, start: number, length: number): Handle {
    if (start === 0 && length === x.shape[0]) return this.run('Identity', [x]);
    return this.run('Slice', [x, this.ints([start]), this.ints([length])]);
  }

  concat(rows: readonly Handle[]): Handle {
    if (rows.length === 1) return this.run('Identity', rows);
    // Types of a list of inputs are not inferred.
    const attrs = [this.int('N', rows.length), this.type('T', rows[0].dtype)];
    return this.run('ConcatV2', [...rows, this.scalar(0, this.int32)], attrs);
  }

  fill(length: number, value: number, dtype: number): Handle {
    return this.run('Fill', [this.ints([length]), this.scalar(value, dtype)]);
  }

  /** Elements of a row, or rows of a matrix, by index. */
  gather(x: Handle, indices: Handle): Handle {
    return this.run('GatherV2', [x, indices, this.scalar(0, this.int32)]);
  }

  /** Where a row of bool is true, ascending, as an int64 row. */
  where(condition: Handle): Handle {
    const indices = this.run('Where', [condition]);
    return this.reshape(indices, [indices.shape[0]]);
  }

  sum(x: Handle): Handle {
    return this.run('Sum', [x, this.ints([0])]);
  }

  /** How many of a row of bool are true. */
  count(condition: Handle): number {
    const {shape} = condition;
    if (shape[0] === 0) return 0;
    let result = 0;
    this.tidy(() => {
      result = this.read(this.sum(this.cast(condition, this.int32)))[0];
      return undefined;
    });
    return result;
  }

  type(name: string, value: number): OpAttr {
    return {name, type: this.#backend.binding.TF_ATTR_TYPE, value};
  }

  text(name: string, value: string): OpAttr {
    return {name, type: this.#backend.binding.TF_ATTR_STRING, value};
  }

  int(name: string, value: number): OpAttr {
    return {name, type: this.#backend.binding.TF_ATTR_INT, value};
  }

  real(name: string, value: number): OpAttr {
    return {name, type: this.#backend.binding.TF_ATTR_FLOAT, value};
  }

  flag(name: string, value: boolean): OpAttr {
    return {name, type: this.#backend.binding.TF_ATTR_BOOL, value};
  }
}
