import type {SubsetProjectAttrs} from '../contract.js';
import type {SubsetStateArrays} from '../subset-state.js';
import {joinRow, splitRow} from './rows.js';
import {chooseAndReset} from './subset-step.js';

/** The arrays of a silo before a projection, one a tensor. */
export interface ProjectArrays {
  proposals: readonly Float32Array[];
  current: readonly Float32Array[];
  importance?: readonly Float32Array[] | undefined;
  state: SubsetStateArrays;
}

/** `SubsetProject` on plain arrays: the method without its first step, for proposals that another optimizer made. */
export function referenceSubsetProject(
  {proposals, current, importance, state}: ProjectArrays,
  attrs: Omit<SubsetProjectAttrs, 'important'>,
): {parameters: Float32Array[]; state: SubsetStateArrays} {
  const row = importance && joinRow(importance);
  const [theta, newState] = chooseAndReset(joinRow(proposals), joinRow(current), row, state, attrs);
  return {parameters: splitRow(theta, attrs.sizes), state: newState};
}
