import {getBackend, setBackend} from '@tensorflow/tfjs-core';

/** `tf.setBackend` that throws where tfjs would go on with another backend. */
export async function activate(name: string): Promise<void> {
  if (!(await setBackend(name)) || getBackend() !== name) {
    throw new Error(`The backend ${name} did not start: tfjs runs on ${getBackend()}`);
  }
}
