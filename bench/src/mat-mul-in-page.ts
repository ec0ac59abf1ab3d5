import {setThreadsCount, setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import {type MatMulRow, matMul} from './mat-mul.js';

/**
 * {@link matMul} on so many threads, in the page that `in-chromium.ts` opens.
 *
 * @param wasm Where the backend's .wasm files are served.
 * @throws if the page has fewer threads.
 */
export async function matMulOnThreads(wasm: string, threads: number): Promise<MatMulRow[]> {
  setWasmPaths(wasm);
  setThreadsCount(threads);
  return matMul((line) => console.log(line), {threads});
}
