export {fullTuning} from './full-tuning.js';
export {type GradientSubsetOptions, gradientSubset} from './gradient-subset.js';
export {type RandomSubsetOptions, randomSubset} from './random-subset.js';
