import {CopyState} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {Recorder} from './recorder.js';
import type {WebGpuBackend} from './webgpu-backend.js';

/** Copies of tensors, bit for bit: stock ops would pass a mask's words through float32. */
function copyState(inputs: readonly TensorInfo[], backend: WebGpuBackend): TensorInfo[] {
  return Recorder.run(backend, CopyState, (recorder) =>
    inputs.map((info) => {
      const copy = recorder.output(info.shape, info.dtype);
      recorder.copy(recorder.words(info), recorder.words(copy), 0);
      return copy;
    }),
  );
}

export const copyStateConfig: KernelConfig = {
  kernelName: CopyState,
  backendName: 'webgpu',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend}) => copyState(inputs as unknown as readonly TensorInfo[], backend as WebGpuBackend),
};
