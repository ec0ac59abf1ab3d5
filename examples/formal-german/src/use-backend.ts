import * as kernelsCpu from '@subset-tuning/kernels-cpu';
import * as kernelsNode from '@subset-tuning/kernels-node';
import * as kernelsWasm from '@subset-tuning/kernels-wasm';
import * as tf from '@tensorflow/tfjs';
import {BACKEND_NAMES, type BackendName} from './backend-names.js';

/** Each brings its backend and this project's kernels for it. */
const BACKENDS: Record<BackendName, () => Promise<void>> = {
  tensorflow: async () => {
    // An optional peer: a name in a variable, so that TypeScript does not ask for its types.
    const addon: string = '@tensorflow/tfjs-node';
    await import(addon);
    kernelsNode.register();
  },
  wasm: async () => {
    await import('@tensorflow/tfjs-backend-wasm');
    kernelsWasm.register({replace: ['BatchMatMul', '_FusedMatMul', 'Identity']});
  },
  cpu: async () => kernelsCpu.register(),
};

/**
 * Makes a tfjs backend the active one.
 *
 * @param wanted the backend's name; where it is left out, the first that is installed of tensorflow, wasm, cpu.
 * @returns the backend's name.
 * @throws where none can be loaded.
 */
export async function useBackend(wanted?: BackendName): Promise<BackendName> {
  const reasons: string[] = [];
  for (const name of wanted === undefined ? BACKEND_NAMES : [wanted]) {
    try {
      await BACKENDS[name]();
      if (await tf.setBackend(name)) return name;
      reasons.push(`${name}: it did not start`);
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
  }
  throw new Error(`no backend could be used. ${reasons.join('; ')}`);
}
