import {TopKMask, type TopKMaskAttrs} from '@subset-tuning/kernels';
import type {MathBackendCPU} from '@tensorflow/tfjs-backend-cpu';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {INFINITE} from './bits.js';
import {adopt, floatsOf} from './cpu-tensors.js';
import {exactThreshold, type Stream} from './histogram.js';
import {GIVEN, isDistance, type Metric, measure} from './measure.js';
import {scratch} from './scratch.js';
import {forEachBlock} from './silo.js';

const {seeds, proposals, distanceBits, weights} = scratch;

/** Two passes over memory find the exact threshold, a third marks. Temporary memory: the counts of the histograms. */
function topKMask(
  [x, y, importance]: readonly TensorInfo[],
  backend: MathBackendCPU,
  attrs: TopKMaskAttrs,
): TensorInfo {
  const values = floatsOf(backend, x);
  const seed = y && floatsOf(backend, y);
  const weighing = importance && floatsOf(backend, importance);
  const metric: Metric = y
    ? {distance: attrs.distance, eta: attrs.eta, ...(weighing && {weighing: GIVEN})}
    : {distance: 'absolute', eta: 0};
  const mask = new Uint8Array(values.length);
  let blockStart = 0;
  const stream: Stream = (visit) =>
    forEachBlock([values.length], (_, start, length) => {
      proposals.set(values.subarray(start, start + length));
      if (seed) seeds.set(seed.subarray(start, start + length));
      else seeds.fill(0);
      if (weighing) weights.set(weighing.subarray(start, start + length));
      measure(length, metric);
      blockStart = start;
      visit(length);
    });

  const {threshold, ties} = exactThreshold(stream, attrs.k);
  let room = ties;
  if (threshold > 0) {
    stream((length) => {
      for (let j = 0; j < length; j++) {
        const distance = distanceBits[j];
        if (distance < threshold || (distance >= INFINITE && !isDistance(j))) continue;
        if (distance > threshold || room-- > 0) mask[blockStart + j] = 1;
      }
    });
  }
  return adopt(backend, x.shape, 'bool', mask);
}

export const topKMaskConfig: KernelConfig = {
  kernelName: TopKMask,
  backendName: 'cpu',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    topKMask(inputs as unknown as readonly TensorInfo[], backend as MathBackendCPU, attrs as unknown as TopKMaskAttrs),
};
