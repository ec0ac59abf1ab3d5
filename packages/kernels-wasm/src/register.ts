import {arrayOf, checkOptions, type Kinds, oneOf, optional} from '@subset-tuning/checks';
import {registerKernels} from '@subset-tuning/kernels';
import {
  _FusedMatMul,
  BatchMatMul,
  getKernel,
  Identity,
  type KernelConfig,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import {finiteNormConfig} from './finite-norm.js';
import {identityConfig} from './identity.js';
import {matMulConfig} from './mat-mul-kernels.js';
import {subsetKernels} from './subset-kernels.js';
import {unsortedSegmentSumConfig} from './unsorted-segment-sum.js';

/** What the wasm backend lacks. */
const MISSING: readonly KernelConfig[] = [unsortedSegmentSumConfig, finiteNormConfig, ...subsetKernels];

/** The name of a stock kernel that {@link register} can replace: what the backend has, and we have faster. */
export type ReplaceableKernel = typeof BatchMatMul | typeof _FusedMatMul | typeof Identity;

/** Ours, made of the stock kernel in whose place it comes. */
const OURS: Readonly<Record<ReplaceableKernel, (stock: KernelConfig) => KernelConfig>> = {
  [BatchMatMul]: matMulConfig,
  [_FusedMatMul]: matMulConfig,
  [Identity]: identityConfig,
};
const REPLACEABLE = Object.keys(OURS) as ReplaceableKernel[]; // an object's keys are those that its type says

/** What {@link register} can be told. */
export interface RegisterOptions {
  /** Stock kernels to replace by ours, by name. None unless named. */
  replace?: readonly ReplaceableKernel[];
}
const REGISTER_OPTIONS: Kinds<RegisterOptions> = {
  replace: optional(arrayOf(oneOf(REPLACEABLE), `an array of some of ${REPLACEABLE.join(', ')}`)),
};

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
 * const undo = register({replace: ['BatchMatMul', '_FusedMatMul', 'Identity']});
 * ```
 */
export function register(options: RegisterOptions = {}): () => void {
  checkOptions('register', options, REGISTER_OPTIONS);
  const stocks = (options.replace ?? []).map(stockKernel);
  const added = registerKernels(MISSING);
  const undo = added.map((config) => () => swap(config));
  for (const stock of new Set(stocks.filter((stock) => !ours.has(stock)))) {
    const config = OURS[stock.kernelName as ReplaceableKernel](stock); // stockKernel has found it by such a name
    ours.add(config);
    swap(stock, config);
    undo.push(() => swap(config, stock));
  }
  return () => {
    for (const action of undo.splice(0).reverse()) action();
  };
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
