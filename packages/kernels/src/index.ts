export * from './contract.js';
export {DEFAULT_ETA, DISTANCES, distanceBetween, SMALLEST_NORMAL} from './distance.js';
export {type ProjectArrays, referenceSubsetProject} from './reference/subset-project.js';
export {referenceSubsetStep, type StepArrays} from './reference/subset-step.js';
export {referenceTopKMask} from './reference/top-k-mask.js';
export {
  createState,
  packSubset,
  readSubset,
  type SubsetStateArrays,
  stateFromPositions,
  type TensorSubset,
} from './subset-state.js';
