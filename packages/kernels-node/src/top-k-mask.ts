import {TopKMask, type TopKMaskAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {Eager} from './eager.js';
import {givenWeights} from './measure.js';
import {nativeAddon} from './native-addon.js';
import {nativeTopKMask} from './native-step.js';
import type {NodeBackend} from './node-backend.js';
import {selectLargest} from './select-largest.js';

/** The mask of a selection: see `select-largest.ts`. */
function topKMask(inputs: readonly TensorInfo[], backend: NodeBackend, attrs: TopKMaskAttrs): TensorInfo[] {
  const [x, y, importance] = inputs;
  const {k, distance, eta} = attrs;
  const metric = y ? {distance, eta} : {distance: 'absolute' as const, eta: 0};
  if (nativeAddon(backend)) return nativeTopKMask(inputs, backend, {...metric, k});
  const eager = new Eager(backend);
  let results: TensorInfo[] = [];
  eager.tidy(() => {
    const row = eager.row(x);
    const seed = y ? eager.row(y) : eager.run('ZerosLike', [row]);
    const weights = importance && [givenWeights(eager, eager.row(importance))];
    const {places, size} = selectLargest(eager, {values: [row], seeds: [seed], starts: [0], weights}, k, metric);
    const length = eager.cast(eager.ints(row.shape), eager.int64);
    const mask = eager.run('ScatterNd', [eager.reshape(places, [size, 1]), eager.fill(size, 1, eager.bool), length]);
    results = [eager.toTensor(mask, x.shape)];
    return undefined;
  });
  return results;
}

export const topKMaskConfig: KernelConfig = {
  kernelName: TopKMask,
  backendName: 'tensorflow',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    topKMask(inputs as unknown as readonly TensorInfo[], backend as NodeBackend, attrs as unknown as TopKMaskAttrs),
};
