









import {asFloat32} from '@subset-tuning/safetensors';
asFloat32({dtype: 'BF16', shape: [1], data: Uint8Array.of(0x80, 0x3f)}); // Float32Array [1]