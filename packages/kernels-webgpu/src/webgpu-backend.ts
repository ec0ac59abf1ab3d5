import type {DataType, TensorInfo} from '@tensorflow/tfjs-core';

/**
 * What the kernels use of tfjs's `WebGPUBackend`. Its `runWebGPUProgram` writes one tensor; kernels with several outputs
 * must record their own dispatches beside the backend's, through fields that its types declare private. All of them are
 * there in 4.22, and a `Recorder` is their only user.
 */
export interface WebGpuBackend {
  readonly device: GPUDevice;
  readonly queue: GPUQueue;
  readonly tensorMap: {get(dataId: object): TensorData};
  readonly bufferManager: {acquireBuffer(bytes: number, usage: number): GPUBuffer};
  /** Data that recorded commands use: it is freed only once they are submitted. */
  commandQueueOwnedIds: WeakSet<object>;
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  uploadToGPU(dataId: object): void;
  makeTensorInfo(shape: number[], dtype: DataType): TensorInfo;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
  refCount(dataId: object): number;
}

interface TensorData {
  /** A copy of the values on the CPU, where one was made. */
  values: unknown;
  resource?: GPUBuffer | null;
}
