import {
  _FusedMatMul,
  BatchMatMul,
  getKernel,
  type KernelConfig,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import {matMulConfig} from './mat-mul-kernels.js';
import {subsetKernels} from './subset-kernels.js';
import {unsortedSegmentSumConfig} from './unsorted-segment-sum.js';

/** What the wasm backend lacks. */
const missing: readonly KernelConfig[] = [unsortedSegmentSumConfig, ...subsetKernels];

/** What it has, and we have faster. */
/** The name of a stock kernel that {@link register} can replace. */
export type ReplaceableKernel = typeof BatchMatMul | typeof _FusedMatMul;
const replaceable: readonly ReplaceableKernel[] = [BatchMatMul, _FusedMatMul];

/** What {@link register} can be told. */
export interface RegisterOptions {
  /** Stock kernels to replace by ours, by name. None unless named. */
  replace?: readonly ReplaceableKernel[];
}

const ours = new WeakSet<KernelConfig>();

/**
 * Registers what the wasm backend lacks for training, and replaces the stock kernels that `replace` names. Before or
 * after `tf.setBackend('wasm')`; calling it again changes nothing that is already so.
 *
 * @returns a function that undoes what this call did.
 * @throws if `replace` names a kernel that cannot be replaced, or that the backend has not registered yet; nothing has
 * been registered then.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-wasm';
 * import {register} from '@subset-tuning/kernels-wasm';
 *
 * const undo = register({replace: ['BatchMatMul', '_FusedMatMul']});
 * ```
 */
export function register({replace = []}: RegisterOptions = {}): () => void {
  const stocks = replace.map(stockKernel).filter((stock) => !ours.has(stock));
  const undo: (() => void)[] = [];
  for (const config of missing) {
    if (getKernel(config.kernelName, config.backendName)) continue;
    registerKernel(config);
    undo.push(() => swap(config));
  }
  for (const stock of new Set(stocks)) {
    const config = matMulConfig(stock);
    ours.add(config);
    swap(stock, config);
    undo.push(() => swap(config, stock));
  }
  return () => {
    for (const action of undo.splice(0).reverse()) action();
  };
}

function stockKernel(name: ReplaceableKernel): KernelConfig {
  if (!replaceable.includes(name)) {
    throw new Error(`register: cannot replace '${name}', only ${replaceable.join(' and ')}`);
  }
  const stock = getKernel(name, 'wasm');
  if (!stock) {
    throw new Error(
      `register: the wasm backend has no kernel '${name}' yet; import @tensorflow/tfjs-backend-wasm first`,
    );
  }
  return stock;
}

/** Puts one kernel, or none, in another's place, unless someone else has put theirs there since. */
function swap(from: KernelConfig, to?: KernelConfig): void {
  if (getKernel(from.kernelName, from.backendName) !== from) return;
  unregisterKernel(from.kernelName, from.backendName);
  if (to) registerKernel(to);
}
