export {asFloat32} from './as-float32.js';
export {type ByteSource, toByteSource} from './byte-source.js';
export {DTYPE_BITS, type Dtype} from './dtype.js';
export {halves} from './half.js';
export {type OpenSafetensors, openSafetensors} from './open-safetensors.js';
export {readSafetensors} from './read-safetensors.js';
export type {Safetensors, StoredTensor, TensorInfo} from './stored-tensor.js';
export {writeSafetensors} from './write-safetensors.js';
