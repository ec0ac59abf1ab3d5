import type {Side} from './compare.js';
import {copyOnCpu, copyOnWebgpu} from './copy.js';
import type {Data} from './data.js';
import {denseAdamOnCpu, denseAdamOnWasm} from './dense-adam.js';

/** What bounds a step from below. */
export type Floor = (data: Data, k: number) => Side;

/** By backend and name the floors under a step. */
export const FLOORS: Record<string, Record<string, Floor> | undefined> = {
  cpu: {dense: denseAdamOnCpu, copy: copyOnCpu},
  wasm: {dense: denseAdamOnWasm, copy: copyOnCpu},
  webgpu: {copy: copyOnWebgpu},
};
