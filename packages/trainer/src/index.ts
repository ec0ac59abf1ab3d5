export {type BatchOptions, batchesByTokens} from './batches-by-tokens.js';
export {type CurvePoint, type HasStats, type SubsetStats, type Trainable, type TrainOptions, train} from './train.js';
