import * as tf from '@tensorflow/tfjs-core';
import {whileHeld} from './while-held.js';

/**
 * A tensor whose values lie on the host, and which tfjs's engine does not count: what `getWeights` gives. tfjs disposes of
 * none of them when it saves a model, and whoever keeps one as a checkpoint may never do so either: the garbage collector
 * takes them all. To an op it is a tensor like any other: for the duration of the call its values are lent to the active
 * backend.
 */
export class HostTensor extends tf.Tensor {
  readonly #values: tf.TypedArray;
  #lent: tf.Tensor | undefined;

  constructor(values: tf.TypedArray, shape: number[], dtype: tf.DataType) {
    // The engine numbers all tensors, and shows its counter in no other way.
    super(
      shape,
      dtype,
      {},
      tf.tidy(() => tf.scalar(0).id),
    );
    this.#values = values;
    // Of the instance, as in the base class: a getter of this class would be hidden by it.
    Object.defineProperty(this, 'dataId', {get: () => this.#lend().dataId});
  }

  /** The values on the active backend, until the scope or the task that asked for them ends. */
  #lend(): tf.Tensor {
    this.throwIfDisposed();
    if (this.#lent !== undefined && !this.#lent.isDisposed) return this.#lent;
    // The cpu backend keeps the array that it is given.
    const lent = tf.tensor(this.#values.slice(), this.shape, this.dtype);
    queueMicrotask(() => lent.dispose());
    this.#lent = lent;
    return lent;
  }

  override async data<D extends tf.DataType = tf.NumericDataType>(): Promise<tf.DataTypeMap[D]> {
    return this.dataSync<D>();
  }

  override dataSync<D extends tf.DataType = tf.NumericDataType>(): tf.DataTypeMap[D] {
    this.throwIfDisposed();
    // D is the caller's word for the dtype, as in the base class.
    return this.#values as tf.DataTypeMap[D];
  }

  override async bytes(): Promise<Uint8Array> {
    const {buffer, byteOffset, byteLength} = this.dataSync();
    return new Uint8Array(buffer, byteOffset, byteLength);
  }

  override dispose(): void {
    this.#lent?.dispose();
    this.isDisposedInternal = true;
  }
}

/** A copy, on the host, of what a tensor holds when this is called, whatever becomes of the tensor meanwhile. */
export async function hostCopy(tensor: tf.Tensor): Promise<tf.Tensor> {
  const {shape, dtype} = tensor;
  return whileHeld([tensor], async ([held]) => new HostTensor((await held.data()).slice(), shape, dtype));
}
