import {TopKMask, type TopKMaskAttrs} from '@subset-tuning/kernels';
import {type KernelConfig, type TensorInfo, util} from '@tensorflow/tfjs-core';
import {runSubsetJob} from './subset-job.js';
import {allocate, wasmBackend} from './wasm-backend.js';

/**
 * `TopKMask` for the wasm backend: a window from a sample of the distances, then one pass; the histogram where the
 * sample misleads. Takes at most 9 MiB besides the mask, which it frees.
 */
export const topKMaskConfig: KernelConfig = {
  kernelName: TopKMask,
  backendName: 'wasm',
  kernelFunc: ({inputs, attrs, backend: owner}) => {
    const [x, y, importance] = inputs as unknown as TensorInfo[];
    const {k, distance, eta} = attrs as unknown as TopKMaskAttrs;
    const backend = wasmBackend(owner);
    const out = allocate(backend, x.shape, 'bool');
    const size = util.sizeFromShape(x.shape);
    const selection = {k, distance: y ? distance : 'absolute', eta, reselect: true} as const;
    try {
      const rows = [{size, theta: y, gradient: x, out, importance}];
      runSubsetJob(backend, 'topKMask', {rows, numbers: 'mask', selection});
    } catch (error) {
      backend.disposeData(out.dataId, true);
      throw error;
    }
    return [out];
  },
};
