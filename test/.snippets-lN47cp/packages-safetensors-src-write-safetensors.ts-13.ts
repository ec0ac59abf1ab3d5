











import {writeSafetensors} from '@subset-tuning/safetensors';
const data = new Uint8Array(Int32Array.of(7).buffer);
const file = writeSafetensors({
  tensors: new Map([['step', {dtype: 'I32', shape: [], data}]]),
  metadata: new Map([['format', 'pt']]),
});
file.length % 4; // 0