import type {MathBackendCPU} from '@tensorflow/tfjs-backend-cpu';
import type {DataType, TensorInfo} from '@tensorflow/tfjs-core';

/** A float32 tensor's own values: not to be written, for clones, reshapes and the user's arrays share them. */
export function floatsOf(backend: MathBackendCPU, {dataId}: TensorInfo): Float32Array {
  return backend.readSync(dataId) as Float32Array;
}

/** As {@link floatsOf}, for an int32 tensor. */
export function intsOf(backend: MathBackendCPU, {dataId}: TensorInfo): Int32Array {
  return backend.readSync(dataId) as Int32Array;
}

/** A new tensor that adopts the array. */
export function adopt(
  backend: MathBackendCPU,
  shape: number[],
  dtype: DataType,
  values: Float32Array | Int32Array | Uint8Array,
): TensorInfo {
  return backend.makeTensorInfo(shape, dtype, values);
}

/** The same data as a further output. */
export function share(backend: MathBackendCPU, {dataId, shape, dtype}: TensorInfo): TensorInfo {
  backend.incRef(dataId);
  return {dataId, shape, dtype};
}

/** A tensor's values to write in place, and how to return them. */
export interface Owned<A> {
  values: A;
  toOutput(): TensorInfo;
}

/** The values of a slot or a state: its own, or a copy where another tensor shares the data. */
export function own<A extends Float32Array | Int32Array>(backend: MathBackendCPU, info: TensorInfo): Owned<A> {
  const shared = backend.readSync(info.dataId) as A;
  if (backend.refCount(info.dataId) === 1) return {values: shared, toOutput: () => share(backend, info)};
  const values = shared.slice() as A;
  return {values, toOutput: () => adopt(backend, info.shape, info.dtype, values)};
}
