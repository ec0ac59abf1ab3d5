








import {asFloat32, readSafetensors, writeSafetensors} from '@subset-tuning/safetensors';

const data = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
const file = writeSafetensors({
  tensors: new Map([['weight', {dtype: 'F32', shape: [2, 2], data}]]),
  metadata: new Map([['made by', 'me']]),
});

const {tensors, metadata} = readSafetensors(file);
const weight = tensors.get('weight');
if (weight) console.log(weight.shape, asFloat32(weight), metadata.get('made by'));