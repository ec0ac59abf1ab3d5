import type {SubsetProjectAttrs} from '../contract.js';
import type {SubsetStateArrays} from '../subset-state.js';
import {joinRow, splitRow} from './rows.js';
import {chooseAndReset} from './subset-step.js';

/** The arrays of a silo before a projection, one a tensor. */
export interface ProjectArrays {
  proposals: readonly Float32Array[];
  current: readonly Float32Array[];
  state: SubsetStateArrays;
}

/** `SubsetProject` on plain arrays: the method without its first step, for proposals that another optimizer made. */
export function referenceSubsetProject(
  {proposals, current, state}: ProjectArrays,
  attrs: SubsetProjectAttrs,
): {parameters: Float32Array[]; state: SubsetStateArrays} {
  const [theta, newState] = chooseAndReset(joinRow(proposals), joinRow(current), state, attrs);
  return {parameters: splitRow(theta, attrs.sizes), state: newState};
}
