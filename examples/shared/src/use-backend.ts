import {createRequire} from 'node:module';
import * as tf from '@tensorflow/tfjs';

/** Each brings its backend and this project's kernels for it. */
const BACKENDS = {
  tensorflow: async () => {
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    // No import may name it, for it is optional: in the repository's `.tfjs-node/`, or where npm installed it.
    createRequire(new URL('../../../.tfjs-node/', import.meta.url))('@tensorflow/tfjs-node');
    (await import('@subset-tuning/kernels-node')).register();
  },
  wasm: async () => {
    await import('@tensorflow/tfjs-backend-wasm');
    (await import('@subset-tuning/kernels-wasm')).register({replace: ['BatchMatMul', '_FusedMatMul', 'Identity']});
  },
  webgpu: async () => {
    await (await import('@subset-tuning/kernels-webgpu/node')).startDawn();
    await import('@tensorflow/tfjs-backend-webgpu');
    (await import('@subset-tuning/kernels-webgpu')).register();
  },
};

export type BackendName = keyof typeof BACKENDS;

export const BACKEND_NAMES = Object.keys(BACKENDS) as BackendName[];

/**
 * Makes a tfjs backend the active one.
 *
 * @throws where it does not start.
 */
export async function useBackend(name: BackendName): Promise<void> {
  try {
    await BACKENDS[name]();
  } catch (cause) {
    throw new Error(`the backend ${name} does not load`, {cause});
  }
  if (!(await tf.setBackend(name))) throw new Error(`the backend ${name} did not start`);
}
