import {engine} from '@tensorflow/tfjs-core';

/** The name of the active backend. Reading `backend` starts the best one where none has been chosen yet. */
export function activeBackend(): string {
  void engine().backend;
  return engine().backendName;
}
