import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import type {BackendName} from './protocol.js';

/** What each backend needs before it starts; `missing` says why it cannot, where that is known. */
const STARTS: Record<BackendName, {missing: () => Promise<string | undefined>; prepare: () => Promise<void>}> = {
  webgpu: {
    missing: async () => {
      if (!navigator.gpu) return 'this browser has no WebGPU, or the page is not served by https or localhost';
      return (await navigator.gpu.requestAdapter()) ? undefined : 'WebGPU finds no graphics adapter here';
    },
    prepare: async () => {
      await import('@tensorflow/tfjs-backend-webgpu');
      (await import('@subset-tuning/kernels-webgpu')).register();
    },
  },
  webgl: {
    missing: async () => {
      if (typeof OffscreenCanvas === 'undefined') return 'this browser draws nothing outside of the page';
      const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
      if (!gl) return 'this browser has no WebGL 2';
      const missing = gl.getExtension('EXT_color_buffer_float') ? undefined : 'WebGL cannot compute in float32 here';
      gl.getExtension('WEBGL_lose_context')?.loseContext();
      return missing;
    },
    prepare: async () => {
      await import('@tensorflow/tfjs-backend-webgl');
      (await import('@subset-tuning/kernels-webgl')).register();
    },
  },
  wasm: {
    missing: async () => (typeof WebAssembly === 'undefined' ? 'this browser has no WebAssembly' : undefined),
    prepare: async () => (await import('./wasm.js')).prepareWasm(),
  },
  cpu: {
    missing: async () => undefined,
    prepare: async () => {
      await import('@tensorflow/tfjs-backend-cpu');
      (await import('@subset-tuning/kernels-cpu')).register();
    },
  },
};

/** Why a backend cannot run here, or undefined. */
export function missingBackend(name: BackendName): Promise<string | undefined> {
  return STARTS[name].missing();
}

/** Makes a backend the active one, and says what it is in words. */
export async function startBackend(name: BackendName): Promise<string> {
  const missing = await STARTS[name].missing();
  if (missing !== undefined) throw new Error(`${name} cannot be used: ${missing}. Choose another backend.`);
  await STARTS[name].prepare();
  if (!(await tf.setBackend(name))) throw new Error(`${name} did not start. Choose another backend.`);
  await tf.ready();
  if (name !== 'wasm') return name;
  const {failWhereMemoryIsFull, threads} = await import('./wasm.js');
  failWhereMemoryIsFull();
  return `wasm, ${threads()}`;
}
