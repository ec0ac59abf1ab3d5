import {createRequire} from 'node:module';
// Brings the cpu backend, the gradients and the chained ops.
import {backend, setBackend, zeros} from '@tensorflow/tfjs';
import {throwErrorsOf} from './settle.js';
import {throwWhereFull} from './throw-where-full.js';

/** Loads a backend of Node's, starts it and registers our kernels for it. */
const STARTS: Record<string, () => Promise<void>> = {
  cpu: async () => {
    (await import('@subset-tuning/kernels-cpu')).register();
    await activate('cpu');
  },
  wasm: async () => {
    await import('@tensorflow/tfjs-backend-wasm');
    (await import('@subset-tuning/kernels-wasm')).register();
    await activate('wasm');
    zeros([1]).dispose();
    // Its class has this field; the published types call it private.
    throwWhereFull(backend() as unknown as Parameters<typeof throwWhereFull>[0]);
  },
  tensorflow: async () => {
    loadTfjsNode();
    (await import('@subset-tuning/kernels-node')).register();
    await activate('tensorflow');
  },
  webgpu: async () => {
    await startDawn();
    // Looks for navigator.gpu when it is imported.
    const {WebGPUBackend} = await import('@tensorflow/tfjs-backend-webgpu');
    (await import('@subset-tuning/kernels-webgpu')).register();
    await activate('webgpu');
    const webgpu = backend();
    if (webgpu instanceof WebGPUBackend) throwErrorsOf(webgpu.device);
  },
};

/** The backends that Node can start. */
export const BACKENDS_OF_NODE = Object.keys(STARTS);

/** @throws if the backend does not start here */
export async function startBackend(name: string): Promise<void> {
  await STARTS[name]();
}

async function activate(name: string): Promise<void> {
  if (!(await setBackend(name))) throw new Error(`the backend '${name}' does not start here`);
}

function loadTfjsNode(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  try {
    // No import may name it, for it is optional: in `.tfjs-node/`, or where npm installed it.
    createRequire(new URL('../../.tfjs-node/', import.meta.url))('@tensorflow/tfjs-node');
  } catch (cause) {
    throw new Error("tfjs-node does not load; 'npm run build-addon -w packages/kernels-node' builds it", {cause});
  }
}

/** Gives Node the `navigator.gpu` and the `GPU…` globals, by Dawn. */
async function startDawn(): Promise<void> {
  const {create, globals} = await import('webgpu');
  const gpu = create([]);
  if (!(await gpu.requestAdapter())) {
    throw new Error(
      "Dawn finds no Vulkan driver that it accepts; without a GPU take that of Debian's chromium: " +
        'VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json',
    );
  }
  Object.assign(globalThis, globals);
  // Node 20 has no navigator.
  const navigator = globalThis.navigator ?? {};
  Object.defineProperty(navigator, 'gpu', {value: gpu, configurable: true});
  globalThis.navigator ??= navigator;
}
