import type {DataId, KernelBackend, Tensor, TensorInfo} from '@tensorflow/tfjs-core';

/** A handle on a tensor of TensorFlow, as the addon gives it. `dtype` is TensorFlow's number of it. */
export interface Handle {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** An attribute of an op, as the addon takes it. */
export interface OpAttr {
  name: string;
  type: number;
  value: string | number | boolean | readonly number[];
}

/** The addon of tfjs-node: eager ops on handles. */
export interface Binding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_UINT8: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  createTensor(shape: readonly number[], dtype: number, values: Float32Array | Int32Array | Uint8Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array | BigInt64Array;
  executeOp(name: string, attrs: readonly OpAttr[], inputs: readonly number[], outputs: number): Handle[];
}

/**
 * The backend named tensorflow, of which `@tensorflow/tfjs-node` and `-gpu` are one code: what we use of its class
 * `NodeJSKernelBackend`, version 4.22. Its types are not imported, for the package is an optional peer, and they call
 * the last three private. Kernels need these, because `executeSingleOutput` knows neither uint8 nor int64.
 */
export interface NodeBackend extends KernelBackend {
  readonly binding: Binding;
  /** Whether tensors lie on a GPU. */
  readonly isUsingGpuDevice: boolean;
  /** Handles of tensors, to be read, by id; uploads what still lies in JavaScript. */
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  /** A tensor of the engine that owns the handle. */
  createOutputTensor(handle: Handle): Tensor;
  /** What the backend knows of its data. `id` is −1 where nothing is uploaded. */
  readonly tensorMap: {get(dataId: DataId): {id: number; values: unknown; refCount: number}};
}
