import {type KernelConfig, type TensorInfo, UnsortedSegmentSum, util} from '@tensorflow/tfjs-core';
import * as binary from './generated/segment-sum.js';
import {loadModule} from './load-module.js';
import {allocate, memoryOf, pointerTo, wasmBackend} from './wasm-backend.js';

interface SegmentSum {
  segmentSumF32(x: number, ids: number, out: number, rows: number, width: number, segments: number): void;
  segmentSumI32(x: number, ids: number, out: number, rows: number, width: number, segments: number): void;
}

/**
 * `UnsortedSegmentSum` for the wasm backend, which lacks it: without it neither `tf.gather` (an embedding) nor a cross
 * entropy by gather has a gradient there.
 *
 * out[s, …] = Σ x[i, …] over the rows i with segmentIds[i] = s, in row order. `segmentIds` has any prefix of x's shape
 * (tfjs documents rank 1, TensorFlow any); a row whose id is negative or not below `numSegments` is dropped. x is
 * float32 or int32, and so is the result, `[numSegments, …rest of x's shape]`. One pass over x, no scratch memory.
 */
export const unsortedSegmentSumConfig: KernelConfig = {
  kernelName: UnsortedSegmentSum,
  backendName: 'wasm',
  kernelFunc: ({inputs, attrs, backend}) => {
    const {x, segmentIds} = inputs as {x: TensorInfo; segmentIds: TensorInfo};
    return unsortedSegmentSum(x, segmentIds, Number(attrs?.numSegments), backend);
  },
};

function unsortedSegmentSum(x: TensorInfo, segmentIds: TensorInfo, numSegments: number, owner: unknown): TensorInfo {
  const backend = wasmBackend(owner);
  if (x.dtype !== 'float32' && x.dtype !== 'int32') {
    throw new Error(`UnsortedSegmentSum: x must be float32 or int32, got ${x.dtype}`);
  }
  if (segmentIds.dtype !== 'int32') {
    throw new Error(`UnsortedSegmentSum: segmentIds must be int32, got ${segmentIds.dtype}`);
  }
  if (!Number.isInteger(numSegments) || numSegments < 0) {
    throw new Error(`UnsortedSegmentSum: numSegments must be a whole number that is not negative, got ${numSegments}`);
  }
  const rank = segmentIds.shape.length;
  if (!util.arraysEqual(segmentIds.shape, x.shape.slice(0, rank))) {
    throw new Error(
      `UnsortedSegmentSum: segmentIds' shape [${segmentIds.shape}] must be how x's shape [${x.shape}] begins`,
    );
  }
  const rest = x.shape.slice(rank);
  const rows = util.sizeFromShape(segmentIds.shape);
  const width = util.sizeFromShape(rest);

  const out = allocate(backend, [numSegments, ...rest], x.dtype);
  const module = loadModule<SegmentSum>(binary, memoryOf(backend));
  const sum = x.dtype === 'float32' ? module.segmentSumF32 : module.segmentSumI32;
  sum(pointerTo(backend, x), pointerTo(backend, segmentIds), pointerTo(backend, out), rows, width, numSegments);
  return out;
}
