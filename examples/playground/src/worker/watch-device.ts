import * as tf from '@tensorflow/tfjs-core';
import type {BackendName} from './protocol.js';

/** What the page can do about a lost device. */
const ADVICE = 'Load the model again below under Backend, on the same or on another one.';

/** A promise that rejects, with what to do, when the graphics device of the active backend is lost; else it stays open. */
export function watchDevice(name: BackendName): Promise<never> {
  const lost = new Promise<never>((_, reject) => {
    const fail = (reason: string) => reject(new Error(`the graphics device was lost (${reason}). ${ADVICE}`));
    // Not in tfjs-core's types: each backend has its device in a place of its own.
    const backend: unknown = tf.backend();
    if (name === 'webgpu' && hasDevice(backend)) {
      void backend.device.lost.then(({reason, message}) => fail(message || String(reason)));
    }
    if (name === 'webgl' && hasContext(backend)) {
      backend.gpgpu.gl.canvas.addEventListener('webglcontextlost', () => fail('its context is gone'));
    }
  });
  // Whoever waits for it hears of it; nobody may.
  lost.catch(() => undefined);
  return lost;
}

function hasDevice(backend: unknown): backend is {device: GPUDevice} {
  return typeof backend === 'object' && backend !== null && 'device' in backend;
}

function hasContext(backend: unknown): backend is {gpgpu: {gl: WebGL2RenderingContext}} {
  return typeof backend === 'object' && backend !== null && 'gpgpu' in backend;
}
