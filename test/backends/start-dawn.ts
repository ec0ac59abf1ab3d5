import {create, globals} from 'webgpu';

/**
 * Gives Node the `navigator.gpu` and the `GPU…` globals that tfjs looks for when it is imported, by Dawn, the WebGPU of
 * Chromium. Dawn needs a Vulkan driver; CONTRIBUTING.md names one that runs on any machine.
 */
export function startDawn(): GPU {
  const gpu = create([]);
  Object.assign(globalThis, globals);
  // Node 20 has no navigator.
  const navigator = globalThis.navigator ?? {};
  Object.defineProperty(navigator, 'gpu', {value: gpu, configurable: true});
  globalThis.navigator ??= navigator;
  return gpu;
}
