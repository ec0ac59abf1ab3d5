import {registerKernels} from '@subset-tuning/kernels';
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
const MISSING: readonly KernelConfig[] = [unsortedSegmentSumConfig, ...subsetKernels];

/** The name of a stock kernel that {@link register} can replace: what the backend has, and we have faster. */
export type ReplaceableKernel = typeof BatchMatMul | typeof _FusedMatMul;
const REPLACEABLE: readonly ReplaceableKernel[] = [BatchMatMul, _FusedMatMul];

/** What {@link register} can be told. */
export interface RegisterOptions {
  /** Stock kernels to replace by ours, by name. None unless named. */
  replace?: readonly ReplaceableKernel[];
}

const ours = new WeakSet<KernelConfig>();

/**
 * Registers what the wasm backend lacks for training, and replaces the stock kernels that `replace` names. Before or
 * after `tf.setBackend('wasm')`; calling it again changes nothing that is already so. Warns, once, where another backend is
 * active.
 *
 * @returns a function that undoes what this call did.
 * @throws if the options are not {@link RegisterOptions}, if `replace` names a kernel that the backend has not registered
 * yet, or if `tf.setBackend` asked for this backend last and it did not start; nothing has been registered then.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-wasm';
 * import {register} from '@subset-tuning/kernels-wasm';
 *
 * const undo = register({replace: ['BatchMatMul', '_FusedMatMul']});
 * ```
 */
export function register(options: RegisterOptions = {}): () => void {
  const stocks = checkReplace(options).map(stockKernel);
  const added = registerKernels(MISSING);
  const undo = added.map((config) => () => swap(config));
  for (const stock of new Set(stocks.filter((stock) => !ours.has(stock)))) {
    const config = matMulConfig(stock);
    ours.add(config);
    swap(stock, config);
    undo.push(() => swap(config, stock));
  }
  return () => {
    for (const action of undo.splice(0).reverse()) action();
  };
}

/** The kernels to replace; from JavaScript anything may come. */
function checkReplace(options: RegisterOptions): readonly ReplaceableKernel[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new Error(
      `register: options is ${JSON.stringify(options)}; expected an object such as {replace: ['BatchMatMul']}`,
    );
  }
  const unknown = Object.keys(options).find((name) => name !== 'replace');
  if (unknown !== undefined) throw new Error(`register: unknown option '${unknown}'; expected replace`);
  const {replace = []} = options;
  if (!Array.isArray(replace)) {
    throw new Error(
      `register: replace is ${JSON.stringify(replace)}; expected a list of kernels such as ['BatchMatMul']`,
    );
  }
  replace.forEach((name, i) => {
    if (REPLACEABLE.includes(name)) return;
    throw new Error(`register: replace[${i}] is ${JSON.stringify(name)}; expected one of ${REPLACEABLE.join(', ')}`);
  });
  return replace;
}

function stockKernel(name: ReplaceableKernel): KernelConfig {
  const stock = getKernel(name, 'wasm');
  if (stock) return stock;
  throw new Error(`register: the wasm backend has no kernel '${name}' yet; import @tensorflow/tfjs-backend-wasm first`);
}

/** Puts one kernel, or none, in another's place, unless someone else has put theirs there since. */
function swap(from: KernelConfig, to?: KernelConfig): void {
  if (getKernel(from.kernelName, from.backendName) !== from) return;
  unregisterKernel(from.kernelName, from.backendName);
  if (to) registerKernel(to);
}
