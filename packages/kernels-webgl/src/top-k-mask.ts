import {maskWords, TopKMask, type TopKMaskAttrs} from '@subset-tuning/kernels';
import {type KernelConfig, type TensorInfo, util} from '@tensorflow/tfjs-core';
import {metricUniforms} from './metric.js';
import {Painter} from './painter.js';
import {scan} from './scan.js';
import {classify, findKth} from './select.js';
import {MEASURE_PAIR, MEASURE_SINGLE, MEASURE_WEIGHED_PAIR} from './shaders/measure.js';
import {EXPAND} from './shaders/state.js';
import type {WebGlBackend} from './webgl-backend.js';

/**
 * Passes over x (and y): one measures, about four find the k-th distance, one looks at the distances once more, one
 * writes. Temporary memory: a word an element for the distances, and a quarter of that for
 * what is chosen.
 */
function topKMask([x, y, importance]: readonly TensorInfo[], backend: WebGlBackend, attrs: TopKMaskAttrs): TensorInfo {
  const size = util.sizeFromShape(x.shape);
  const words = maskWords([size]);
  return Painter.run(backend, TopKMask, (painter) => {
    const [mask, result] = painter.output(x.shape, 'bool');
    const tensors = [{size, first: 0, distances: painter.lanes(result)}];
    painter.draw(importance ? MEASURE_WEIGHED_PAIR : y ? MEASURE_PAIR : MEASURE_SINGLE, {
      targets: {result: tensors[0].distances},
      reads: {
        x: painter.tensor(x),
        ...(y && {y: painter.tensor(y)}),
        ...(importance && {weights: painter.tensor(importance)}),
      },
      uniforms: metricUniforms(y ? attrs : {distance: 'absolute', eta: 0}),
      count: size,
    });
    const {choice} = findKth(painter, tensors, attrs.k);
    const sides = classify(painter, tensors, words, choice);
    const after = scan(painter, 'sides', {reads: {sides, choice}, count: words});
    painter.draw(EXPAND, {targets: {result}, reads: {after}, count: size});
    return mask;
  });
}

export const topKMaskConfig: KernelConfig = {
  kernelName: TopKMask,
  backendName: 'webgl',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    topKMask(inputs as unknown as readonly TensorInfo[], backend as WebGlBackend, attrs as unknown as TopKMaskAttrs),
};
