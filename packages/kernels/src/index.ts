export {blockedSum} from './blocked-sum.js';
export type {SelectionOptions} from './check.js';
export * from './contract.js';
export {
  DEFAULT_ETA,
  DISTANCES,
  distanceBetween,
  distancesOf,
  fisherImportance,
  SMALLEST_NORMAL,
  STEP_DISTANCES,
} from './distance.js';
export {fallbackFiniteNorm} from './fallback/finite-norm.js';
export {fallbackSubsetProject} from './fallback/subset-project.js';
export {fallbackSubsetStep} from './fallback/subset-step.js';
export {fallbackTopKMask} from './fallback/top-k-mask.js';
export {finiteNorm} from './finite-norm.js';
export {type ProjectArrays, referenceSubsetProject} from './reference/subset-project.js';
export {referenceSubsetStep, type StepArrays} from './reference/subset-step.js';
export {referenceTopKMask} from './reference/top-k-mask.js';
export {registerKernels} from './register-kernels.js';
export {type RuleConstants, ruleConstants} from './rule-constants.js';
export {type KernelAttrs, kernelPath, type TensorKernel} from './run-kernel.js';
export {elementsPerWord} from './state-words.js';
export {type SubsetProjectOptions, subsetProject} from './subset-project.js';
export {
  createState,
  packSubset,
  readInfo,
  readState,
  readSubset,
  type SubsetStateArrays,
  stateFromArrays,
  stateFromPositions,
  type TensorSubset,
} from './subset-state.js';
export {type SubsetStepOptions, type SubsetStepResult, subsetStep} from './subset-step.js';
export {stepsTogether, subsetSteps} from './subset-steps.js';
export {type TopKMaskOptions, topKMask} from './top-k-mask.js';
