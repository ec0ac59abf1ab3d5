import {engine} from '@tensorflow/tfjs-core';
import {backendAdvice, hasFailed} from './backend-advice.js';

/**
 * The name of the active backend. Reading `backend` starts the best one where none has been chosen yet.
 *
 * @throws where there is none, it is still starting, or it did not start.
 */
export function activeBackend(): string {
  const {backendName, registryFactory} = engine();
  if (Object.keys(registryFactory).length === 0) {
    throw new Error(
      "TensorFlow.js has no backend here: import one, such as @tensorflow/tfjs-backend-wasm, await tf.setBackend('wasm'), " +
        "and have one copy of @tensorflow/tfjs-core ('npm ls @tensorflow/tfjs-core')",
    );
  }
  const advice = hasFailed(backendName) ? backendAdvice(backendName) : undefined;
  try {
    void engine().backend;
  } catch (error) {
    throw advice === undefined ? error : new Error(`no backend is active: ${advice}`, {cause: error});
  }
  return engine().backendName;
}
