import {create, globals} from 'webgpu';

/**
 * Gives Node what pages have of WebGPU, `navigator.gpu` and the `GPU…` globals, by Dawn, the WebGPU of Chromium: the npm
 * package `webgpu`, an optional peer dependency. tfjs looks for them when `@tensorflow/tfjs-backend-webgpu` is imported, so
 * that comes afterwards. Where there is a `navigator.gpu` already, nothing changes.
 *
 * @param flags - what Dawn's `create` takes, such as `'backend=vulkan'`.
 * @throws if there is no adapter.
 *
 * @example
 * ```ts no-run
 * import * as tf from '@tensorflow/tfjs';
 * import {register} from '@subset-tuning/kernels-webgpu';
 * import {startDawn} from '@subset-tuning/kernels-webgpu/node';
 *
 * await startDawn();
 * await import('@tensorflow/tfjs-backend-webgpu');
 * if (!(await tf.setBackend('webgpu'))) throw new Error('the webgpu backend did not start');
 * register();
 * ```
 */
export async function startDawn(flags: readonly string[] = []): Promise<void> {
  // Node 20 has no navigator.
  const navigator = globalThis.navigator ?? {};
  if (navigator.gpu) return;
  const gpu = create([...flags]);
  if (!(await gpu.requestAdapter())) {
    throw new Error(
      'startDawn: Dawn finds no driver of Vulkan, Metal or Direct3D 12 that it accepts; VK_DRIVER_FILES names one of ' +
        "Vulkan in an unusual place, such as the software renderer of Debian's chromium, " +
        '/usr/lib/chromium/vk_swiftshader_icd.json',
    );
  }
  Object.assign(globalThis, globals);
  Object.defineProperty(navigator, 'gpu', {value: gpu, configurable: true});
  globalThis.navigator ??= navigator;
}
