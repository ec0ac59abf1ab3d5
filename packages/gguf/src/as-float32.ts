import {halves} from '@subset-tuning/safetensors';
import {DEQUANTIZE} from './dequantize.js';
import {checkTensor, type StoredTensor} from './stored-tensor.js';

/**
 * A tensor's elements as float32, in an array of their own. F32 keeps its bits, F16 and BF16 convert exactly, quantized
 * types are dequantized as ggml does it.
 *
 * @throws where the data are no bytes or not as many as dtype and shape say.
 *
 * @example
 * ```ts
 * import {asFloat32} from '@subset-tuning/gguf';
 * const data = Uint8Array.of(0x00, 0x38, ...Array.from({length: 32}, (_, i) => i)); // a scale of 0.5 and 32 bytes
 * asFloat32({dtype: 'Q8_0', shape: [32], data}); // Float32Array [0, 0.5, 1, …, 15.5]
 * ```
 */
export function asFloat32(tensor: StoredTensor): Float32Array {
  checkTensor('asFloat32: tensor', tensor);
  const {dtype, shape, data} = tensor;
  // A copy starts at 0 of a buffer, so the views are aligned. (Not slice(): that of a Node Buffer does not copy.)
  if (dtype === 'F32') return new Float32Array(new Uint8Array(data).buffer);
  const floats = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (dtype === 'F16') {
    const half = halves();
    for (let i = 0; i < floats.length; i++) floats[i] = half[data[2 * i] | (data[2 * i + 1] << 8)];
  } else if (dtype === 'BF16') {
    const bits = new Uint32Array(floats.buffer);
    for (let i = 0; i < bits.length; i++) bits[i] = (data[2 * i] << 16) | (data[2 * i + 1] << 24);
  } else {
    DEQUANTIZE[dtype](data, floats);
  }
  return floats;
}
