import type {SelectionAttrs} from '@subset-tuning/kernels';
import type {TensorInfo} from '@tensorflow/tfjs-core';
import {allocate, memoryOf, pointerTo, type WasmBackend} from './wasm-backend.js';

interface State {
  mask: TensorInfo;
  seeds: TensorInfo;
  info: TensorInfo;
}

/**
 * The outputs of a kernel that changes a subset: new tensors like `current`, which `run` fills, then what it changes in
 * place, `slots` and the state, with as many references more. Seeds move to a tensor of another size where k asks for it.
 *
 * @throws what an allocation or `run` throws; the new tensors are freed then.
 */
export function withNewSubset(
  backend: WasmBackend,
  current: readonly TensorInfo[],
  slots: readonly TensorInfo[],
  {mask, seeds, info}: State,
  {k, reselect}: Pick<SelectionAttrs, 'k' | 'reselect'>,
  run: (outs: TensorInfo[], state: State) => void,
): TensorInfo[] {
  const fresh: TensorInfo[] = [];
  const make = (shape: number[]) => {
    const tensor = allocate(backend, shape, 'float32');
    fresh.push(tensor);
    return tensor;
  };
  try {
    const outs = current.map(({shape}) => make(shape));
    const [room] = seeds.shape;
    const wanted = reselect ? Math.max(1, k) : room;
    const newSeeds = wanted === room ? seeds : make([wanted]);
    // The larger of the two holds the old subset and the new one.
    const used = wanted > room ? newSeeds : seeds;
    if (used !== seeds) copySeeds(backend, seeds, newSeeds);
    run(outs, {mask, seeds: used, info});
    if (used !== newSeeds) copySeeds(backend, used, newSeeds);

    const kept = [...slots, mask, ...(newSeeds === seeds ? [seeds] : []), info];
    for (const {dataId} of kept) backend.incRef(dataId);
    return [...outs, ...slots, mask, newSeeds, info].map(({dataId, shape, dtype}) => ({dataId, shape, dtype}));
  } catch (error) {
    for (const {dataId} of fresh) backend.disposeData(dataId, true);
    throw error;
  }
}

/** Copies as many seeds as fit, and fills the rest with zeros. */
function copySeeds(backend: WasmBackend, from: TensorInfo, to: TensorInfo): void {
  const ints = new Uint32Array(memoryOf(backend).buffer);
  const target = pointerTo(backend, to) / 4;
  const count = Math.min(from.shape[0], to.shape[0]);
  ints.copyWithin(target, pointerTo(backend, from) / 4, pointerTo(backend, from) / 4 + count);
  ints.fill(0, target + count, target + to.shape[0]);
}
