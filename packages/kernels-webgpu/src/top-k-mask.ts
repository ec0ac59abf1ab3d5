import {TopKMask, type TopKMaskAttrs} from '@subset-tuning/kernels';
import {type KernelConfig, type TensorInfo, util} from '@tensorflow/tfjs-core';
import {metricParams} from './metric.js';
import {cutIntoPieces} from './pieces.js';
import {Recorder} from './recorder.js';
import {scratchLayout} from './scratch-layout.js';
import {findKth, forEachPiece, groupsOf, measure, type Walk} from './select.js';
import {PREPARE} from './shaders/predict.js';
import {TOP_K_WORDS} from './shaders/scan.js';
import {EXPAND} from './shaders/settle.js';
import {THREADS} from './shaders/shader.js';
import type {WebGpuBackend} from './webgpu-backend.js';

/**
 * Passes over x (and y): one measures, three levels of a histogram and one more look at what is farther than zero, one
 * writes. Temporary memory: about four bits an element and a constant.
 */
function topKMask(inputs: readonly TensorInfo[], backend: WebGpuBackend, attrs: TopKMaskAttrs): TensorInfo {
  return Recorder.run(backend, TopKMask, (recorder) => record(recorder, inputs, attrs));
}

function record(recorder: Recorder, inputs: readonly TensorInfo[], attrs: TopKMaskAttrs): TensorInfo {
  const [x, y, importance] = inputs;
  const size = util.sizeFromShape(x.shape);
  const words = Math.ceil(size / 32);
  const {length, ...layout} = scratchLayout(words, 0);
  const scratch = recorder.scratch(length);
  const mask = recorder.output(x.shape, 'bool');
  const tensors = {
    x: recorder.words(x),
    chosen: recorder.words(mask),
    ...(y && {y: recorder.words(y)}),
    ...(importance && {weights: recorder.words(importance)}),
  };
  const walk: Walk = {
    recorder,
    pieces: cutIntoPieces([size], recorder.longestPiece),
    tensorWords: () => tensors,
    whole: {scratch},
    params: {
      ...layout,
      words,
      k: attrs.k,
      ...metricParams(y ? attrs : {distance: 'absolute', eta: 0}, importance !== undefined),
    },
  };
  const source = importance ? 'pair weighed' : y ? 'pair' : 'single';
  recorder.clear(scratch, 0, layout.ranks);
  recorder.dispatch(PREPARE, 1, walk.params, walk.whole);
  measure(walk, source);
  findKth(walk, source, TOP_K_WORDS);
  forEachPiece(walk, EXPAND, groupsOf(THREADS));
  return mask;
}

export const topKMaskConfig: KernelConfig = {
  kernelName: TopKMask,
  backendName: 'webgpu',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    topKMask(inputs as unknown as readonly TensorInfo[], backend as WebGpuBackend, attrs as unknown as TopKMaskAttrs),
};
