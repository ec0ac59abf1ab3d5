import type {MathBackendWebGL} from '@tensorflow/tfjs-backend-webgl';
import {env} from '@tensorflow/tfjs-core';

/** What the kernels use of tfjs's backend, all of it public there. */
export type WebGlBackend = Pick<
  MathBackendWebGL,
  'gpgpu' | 'texData' | 'uploadToGPU' | 'unpackTensor' | 'makeTensorInfo' | 'disposeData' | 'incRef'
>;

/** The backend's WebGL 2 context. Throws where there is none, where it has no float32 textures, or where it was lost. */
export function contextOf({gpgpu}: WebGlBackend, kernel: string): WebGL2RenderingContext {
  const {gl} = gpgpu;
  if (env().getNumber('WEBGL_VERSION') !== 2 || !('texStorage2D' in gl)) {
    throw new Error(`${kernel} on webgl: the device has WebGL ${env().getNumber('WEBGL_VERSION')}; expected WebGL 2`);
  }
  if (!env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) {
    throw new Error(
      `${kernel} on webgl: tensors are half floats (WEBGL_RENDER_FLOAT32_CAPABLE is ` +
        `${env().getBool('WEBGL_RENDER_FLOAT32_CAPABLE')}, WEBGL_FORCE_F16_TEXTURES is ` +
        `${env().getBool('WEBGL_FORCE_F16_TEXTURES')}); expected float32, without which a seed cannot come back bit ` +
        'for bit; take another backend',
    );
  }
  const context = gl as WebGL2RenderingContext;
  if (context.isContextLost()) {
    throw new Error(
      `${kernel} on webgl: the context was lost, and with it all tensors on it; go on from the last state that was ` +
        'read or saved',
    );
  }
  return context;
}
