import * as tf from '@tensorflow/tfjs';

/** What has gone wrong on the device since it was last looked at. */
const errors: string[] = [];

/** Takes note of a WebGPU device's errors, which throw nowhere: the next {@link settle} throws them. */
export function throwErrorsOf(device: GPUDevice): void {
  device.addEventListener('uncapturederror', ({error}) => errors.push(error.message));
}

/**
 * Resolves when the active backend has done all that it was asked to do. webgl and webgpu work through a queue: a small
 * result is read back that is computed last. On the other backends an op returns when it is done.
 *
 * @throws if something went wrong on a device that {@link throwErrorsOf} knows
 */
export async function settle(): Promise<void> {
  const backend = tf.getBackend();
  if (backend !== 'webgl' && backend !== 'webgpu') return;
  // Fewer elements would be added on the CPU.
  const probe = tf.tidy(() => tf.add(tf.ones([1024]), 1));
  // webgl's data() asks every few milliseconds whether the GPU is done; dataSync() waits for it.
  if (backend === 'webgl') probe.dataSync();
  else await probe.data();
  probe.dispose();
  if (errors.length > 0) throw new Error(errors.splice(0)[0]);
}
