export {fullTuning} from './full-tuning.js';
export {type RandomSubsetOptions, randomSubset} from './random-subset.js';
