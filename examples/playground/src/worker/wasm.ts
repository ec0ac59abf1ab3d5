import {register} from '@subset-tuning/kernels-wasm';
import {getThreadsCount, setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import {env} from '@tensorflow/tfjs-core';

export function prepareWasm(): void {
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plain,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': threaded,
  });
  register({replace: ['BatchMatMul', '_FusedMatMul', 'Identity']});
}

/** How many threads tfjs's own kernels run on, in words. */
export function threads(): string {
  const count = env().getBool('WASM_HAS_MULTITHREAD_SUPPORT') ? getThreadsCount() : 1;
  return count === 1 ? 'one thread' : `${count} threads`;
}
