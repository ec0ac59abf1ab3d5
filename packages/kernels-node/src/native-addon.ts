import type {Module} from 'node:module';
import type {NodeBackend} from './node-backend.js';

/** What the library of `native/` gives: its ops are in TensorFlow once it is loaded. */
export interface NativeAddon {
  readonly interfaceVersion: number;
  /** The first of so many keys for memory of ours, none of which has been given before. */
  reserveKeys(count: number): number;
  /** Tells the garbage collector how much memory there is of ours. */
  reportMemory(): void;
  /** From here on memory outlives its last tensor. False where there is none of this key. */
  hold(key: number): boolean;
  /** Whether held memory has outlived its last tensor. */
  isFree(key: number): boolean;
}

/** Of the ops' inputs and outputs: as in `native/module.cc`. */
const INTERFACE_VERSION = 3;

let isAllowed = true;
/** What the first look found. */
let found: {addon: NativeAddon | undefined} | undefined;

/**
 * The library of our own ops, which `build-tfjs-node` puts beside the addon of tfjs-node. Undefined where it is not there,
 * which is said once, and where tensors lie on a GPU, for which it has no kernels.
 */
export function nativeAddon(backend: NodeBackend): NativeAddon | undefined {
  if (!isAllowed || backend.isUsingGpuDevice) return undefined;
  found ??= look();
  return found.addon;
}

/** Whether kernels take the library where it is there, as they do at first: for tests of what they do without. */
export function allowNativeAddon(allow: boolean): void {
  isAllowed = allow;
}

function look(): {addon: NativeAddon | undefined} {
  const {addon, problem} = load();
  if (problem) {
    console.warn(
      'The kernels of subset tuning run as many ops of TensorFlow, which takes several times as long and more memory: ' +
        `${problem}. 'npx build-tfjs-node' builds it (on x64 Linux, with g++)`,
    );
  }
  return {addon};
}

function load(): {addon?: NativeAddon; problem?: string} {
  // Asked for, not imported, so that this bundles for pages too.
  const node: typeof Module | undefined = globalThis.process?.getBuiltinModule?.('node:module');
  const require = node?.createRequire(import.meta.url);
  // Beside the addon that is loaded, wherever that lies.
  const [, folder] =
    Object.keys(require?.cache ?? {})
      .map((path) => /^(.*[\\/])tfjs_binding\.node$/.exec(path))
      .find((match) => match !== null) ?? [];
  if (!require || folder === undefined) return {problem: 'the addon of tfjs-node was not found'};
  const path = `${folder}subset_tuning.node`;
  try {
    require.resolve(path);
  } catch {
    return {problem: `there is no ${path}`};
  }
  try {
    const addon: NativeAddon = require(path);
    if (addon.interfaceVersion === INTERFACE_VERSION) return {addon};
    return {problem: `${path} is of another version of @subset-tuning/kernels-node`};
  } catch (error) {
    return {problem: `${path} does not load (${error instanceof Error ? error.message : error})`};
  }
}
