import type {SelectionAttrs} from '@subset-tuning/kernels';
import type {MathBackendCPU} from '@tensorflow/tfjs-backend-cpu';
import type {TensorInfo} from '@tensorflow/tfjs-core';
import {bitsOf} from './bits.js';
import {choose} from './choose.js';
import {adopt, floatsOf, intsOf, own, share} from './cpu-tensors.js';
import {keepSubset} from './keep.js';
import type {Metric} from './measure.js';
import {openSilo, type Propose} from './silo.js';

/**
 * Steps 2 to 4 of the method on the cpu backend's tensors, for whatever makes the proposals.
 *
 * @param propose makes the proposals
 * @returns all new values, then the new state
 */
export function chooseAndReset(
  backend: MathBackendCPU,
  currentInfos: readonly TensorInfo[],
  [maskInfo, seedsInfo, infoInfo]: readonly TensorInfo[],
  attrs: SelectionAttrs,
  metric: Metric,
  propose: Propose,
): TensorInfo[] {
  const current = currentInfos.map((info) => floatsOf(backend, info));
  const silo = openSilo(attrs, metric, current, intsOf(backend, maskInfo));
  const info = own<Int32Array>(backend, infoInfo);
  const state: TensorInfo[] = [];
  if (attrs.reselect) {
    const capacity = Math.max(1, attrs.k);
    const old = floatsOf(backend, seedsInfo);
    const seeds = old.length === capacity ? own<Float32Array>(backend, seedsInfo) : newSeeds(backend, capacity);
    const oldBits = bitsOf(old);
    const newBits = seeds.values === old ? oldBits : bitsOf(seeds.values);
    const mask = choose(silo, propose, info.values, oldBits, newBits);
    state.push(adopt(backend, maskInfo.shape, 'int32', mask), seeds.toOutput());
  } else {
    keepSubset(silo, propose, info.values, bitsOf(floatsOf(backend, seedsInfo)));
    state.push(share(backend, maskInfo), share(backend, seedsInfo));
  }
  const values = silo.next.map((next, i) => adopt(backend, currentInfos[i].shape, 'float32', next));
  return [...values, ...state, info.toOutput()];
}

function newSeeds(backend: MathBackendCPU, capacity: number) {
  const values = new Float32Array(capacity);
  return {values, toOutput: () => adopt(backend, [capacity], 'float32', values)};
}
