import {register} from '@subset-tuning/kernels-wasm';
import {getThreadsCount, setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';

export function prepareWasm(): void {
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plain,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': threaded,
  });
  register({replace: ['BatchMatMul', '_FusedMatMul', 'Identity']});
}

/** malloc takes a larger request for a negative number, and can answer with less memory. */
const MOST_BYTES = 2 ** 31 - 2 ** 17;

/** Lets an allocation fail where there is no memory: tfjs would write a tensor over what lies at the heap's start. */
export function failWhereMemoryIsFull(): void {
  const {wasm} = tf.backend() as tf.KernelBackend & {wasm: {_malloc(bytes: number): number; _free(at: number): void}};
  // The first call puts the module's own function in its place.
  wasm._free(wasm._malloc(1));
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    const at = bytes > MOST_BYTES ? 0 : malloc(bytes);
    if (at === 0 && bytes > 0) throw new RangeError(`the wasm heap, of 4 GiB at most, has no room for ${bytes} bytes`);
    return at;
  };
}

/** How many threads tfjs's own kernels run on, in words. */
export function threads(): string {
  const count = tf.env().getBool('WASM_HAS_MULTITHREAD_SUPPORT') ? getThreadsCount() : 1;
  return count === 1 ? 'one thread' : `${count} threads`;
}
