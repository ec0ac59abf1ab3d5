// Brings the cpu backend, the gradients and the chained ops.
import {backend, setBackend, zeros} from '@tensorflow/tfjs';
import {throwWhereFull} from './out-of-memory.js';

/** Loads a backend and registers our kernels for it. */
const STARTS: Record<string, () => Promise<void>> = {
  cpu: async () => {
    (await import('@subset-tuning/kernels-cpu')).register();
  },
  wasm: async () => {
    await import('@tensorflow/tfjs-backend-wasm');
    (await import('@subset-tuning/kernels-wasm')).register();
  },
};

/** @throws if the name is none of the backends that can be measured, or the backend does not start */
export async function startBackend(name: string): Promise<void> {
  if (!Object.hasOwn(STARTS, name)) {
    throw new Error(`--backend is '${name}'; expected ${Object.keys(STARTS).join(' or ')}`);
  }
  await STARTS[name]();
  if (!(await setBackend(name))) throw new Error(`the backend '${name}' does not start here`);
  if (name === 'wasm') {
    zeros([1]).dispose();
    // Its class has this field; the published types call it private.
    throwWhereFull(backend() as unknown as Parameters<typeof throwWhereFull>[0]);
  }
}
