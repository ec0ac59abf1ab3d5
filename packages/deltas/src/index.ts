export {type ApplyOptions, applyDelta, type Revert} from './apply-delta.js';
export {changesBetween} from './changes-between.js';
export {type CreateOptions, createDelta} from './create-delta.js';
export type {Delta, DeltaTensor, TensorChange} from './delta.js';
export {type DeltaDescription, describeDelta} from './describe-delta.js';
export {readDelta} from './read-delta.js';
export {writeDelta} from './write-delta.js';
