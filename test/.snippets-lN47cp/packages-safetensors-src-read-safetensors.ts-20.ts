


















import {readSafetensors, writeSafetensors} from '@subset-tuning/safetensors';
const data = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
const file = writeSafetensors({tensors: new Map([['w', {dtype: 'F32', shape: [3], data}]])});
readSafetensors(file).tensors.get('w')?.shape; // [3]