export {asFloat32} from './as-float32.js';
export {DTYPE_BITS, type Dtype} from './dtype.js';
export {readSafetensors} from './read-safetensors.js';
export type {Safetensors, StoredTensor} from './stored-tensor.js';
export {writeSafetensors} from './write-safetensors.js';
