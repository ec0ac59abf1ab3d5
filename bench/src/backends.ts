// Brings the cpu backend, the gradients and the chained ops.
import {setBackend} from '@tensorflow/tfjs';

/** Makes a backend the active one, with our kernels. */
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
}
