import type {SelectionAttrs} from '@subset-tuning/kernels';
import {type TensorInfo, util} from '@tensorflow/tfjs-core';
import {allocate, memoryOf, pointerTo, type WasmBackend} from './wasm-backend.js';

interface State {
  mask: TensorInfo;
  seeds: TensorInfo;
  info: TensorInfo;
}

/**
 * The outputs of a kernel that changes a subset: new tensors like `current`, which `run` fills, then what it changes in
 * place, `slots` and the state, with as many references more, or copies of those whose data another tensor shares. Seeds
 * move to a tensor of another size where k asks for it.
 *
 * @throws what an allocation or `run` throws; the new tensors are freed then.
 */
export function withNewSubset(
  backend: WasmBackend,
  current: readonly TensorInfo[],
  slots: readonly TensorInfo[],
  {mask, seeds, info}: State,
  {k, reselect}: Pick<SelectionAttrs, 'k' | 'reselect'>,
  run: (outs: TensorInfo[], slots: TensorInfo[], state: State) => void,
): TensorInfo[] {
  const fresh: TensorInfo[] = [];
  const make = ({shape, dtype}: Pick<TensorInfo, 'shape' | 'dtype'>) => {
    const tensor = allocate(backend, shape, dtype);
    fresh.push(tensor);
    return tensor;
  };
  const own = (tensor: TensorInfo) => {
    if (backend.refCount(tensor.dataId) === 1) return tensor;
    const copy = make(tensor);
    copyWords(backend, tensor, copy);
    return copy;
  };
  try {
    const outs = current.map(make);
    const ownSlots = slots.map(own);
    const [room] = seeds.shape;
    const wanted = reselect ? Math.max(1, k) : room;
    // The larger of the two holds the old subset and the new one.
    const moved = wanted === room ? undefined : make({shape: [wanted], dtype: 'float32'});
    if (moved && wanted > room) copyWords(backend, seeds, moved);
    const used = moved && wanted > room ? moved : own(seeds);
    const state = {mask: own(mask), seeds: used, info: own(info)};
    run(outs, ownSlots, state);
    if (moved && used !== moved) copyWords(backend, used, moved);

    const outputs = [...outs, ...ownSlots, state.mask, moved ?? used, state.info];
    for (const tensor of fresh) if (!outputs.includes(tensor)) backend.disposeData(tensor.dataId, true);
    for (const {dataId} of outputs.filter((tensor) => !fresh.includes(tensor))) backend.incRef(dataId);
    return outputs.map(({dataId, shape, dtype}) => ({dataId, shape, dtype}));
  } catch (error) {
    for (const {dataId} of fresh) backend.disposeData(dataId, true);
    throw error;
  }
}

/** Copies as many words as fit, and fills the rest with zeros. */
function copyWords(backend: WasmBackend, from: TensorInfo, to: TensorInfo): void {
  const ints = new Uint32Array(memoryOf(backend).buffer);
  const target = pointerTo(backend, to) / 4;
  const [read, written] = [util.sizeFromShape(from.shape), util.sizeFromShape(to.shape)];
  const count = Math.min(read, written);
  ints.copyWithin(target, pointerTo(backend, from) / 4, pointerTo(backend, from) / 4 + count);
  ints.fill(0, target + count, target + written);
}
