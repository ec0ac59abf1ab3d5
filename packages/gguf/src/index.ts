export type {ByteSource} from '@subset-tuning/safetensors';
export {asFloat32} from './as-float32.js';
export {DTYPES, type Dtype} from './dtype.js';
export type {MetadataValue, NumberArray} from './metadata.js';
export {type Gguf, readGguf} from './read-gguf.js';
export type {StoredTensor, TensorInfo} from './stored-tensor.js';
