import {engine} from '@tensorflow/tfjs-core';

/** Where each backend of TensorFlow.js comes from, and what it needs in order to start. */
const BACKENDS: Readonly<Record<string, {from: string; needs?: string}>> = {
  cpu: {from: '@tensorflow/tfjs-backend-cpu'},
  wasm: {
    from: '@tensorflow/tfjs-backend-wasm',
    needs: 'its .wasm files, beside the script or where setWasmPaths() says',
  },
  webgl: {from: '@tensorflow/tfjs-backend-webgl', needs: 'a browser that gives it a WebGL context'},
  webgpu: {from: '@tensorflow/tfjs-backend-webgpu', needs: 'a navigator.gpu that finds an adapter'},
  tensorflow: {from: '@tensorflow/tfjs-node', needs: "its addon, which 'npx build-tfjs-node' builds"},
};

/** The backends that kernels may have been registered for: those that tfjs knows, here and elsewhere. */
export function possibleBackends(): string[] {
  return [...new Set([...engine().backendNames(), ...Object.keys(BACKENDS)])];
}

/** Whether `tf.setBackend` asked for this backend last and it did not start. */
export function hasFailed(name: string): boolean {
  const {backendName, registry, registryFactory} = engine();
  // Private in the engine's types: the promise of a backend that is still starting.
  const {pendingBackendInit} = engine() as unknown as {pendingBackendInit?: Promise<boolean> | null};
  return backendName === name && name in registryFactory && !(name in registry) && !pendingBackendInit;
}

/** What is to be done so that a backend which is not the active one becomes it. */
export function backendAdvice(name: string): string {
  const {from = 'its package', needs} = Object.hasOwn(BACKENDS, name) ? BACKENDS[name] : {};
  const {registry, registryFactory} = engine();
  if (!(name in registryFactory)) {
    return (
      `TensorFlow.js has no backend '${name}' here: import ${from} first${needs ? ` (it needs ${needs})` : ''}, and have ` +
      `one copy of @tensorflow/tfjs-core ('npm ls @tensorflow/tfjs-core')`
    );
  }
  if (name in registry) return `the backend '${name}' runs, but another is active: await tf.setBackend('${name}')`;
  const failure = `did not start, and the console says why${needs ? `: it needs ${needs}` : ''}`;
  if (hasFailed(name)) return `the backend '${name}' ${failure}`;
  return `await tf.setBackend('${name}'); where that was done and gave false, the backend ${failure}`;
}
