import {CommandError} from './command.js';

export interface DawnOptions {
  /** Whether a software renderer will do. */
  software: boolean;
  /** Whether the device is to have subgroups, which tfjs does not ask for by itself. */
  subgroups: boolean;
}

/** WebGPU in Node. */
export interface Dawn {
  adapter: GPUAdapter;
  /** Adapter and driver, in words. */
  device: string;
  /** Whether that is a software renderer. */
  software: boolean;
}

/** Chromium's, and Mesa's under both of its names. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe/i;

/**
 * Gives Node the `navigator.gpu` and the `GPU…` globals, by Dawn, and prints adapter and driver.
 *
 * @throws if there is no adapter, or a software renderer alone where that will not do
 */
export async function startDawn({software: allowed, subgroups}: DawnOptions): Promise<Dawn> {
  const {create, globals} = await import('webgpu');
  // Rounded to 0.1 ms, as pages get them, timestamps say nothing of a GPU.
  const gpu = create(['disable-dawn-features=timestamp_quantization']);
  const adapter = await gpu.requestAdapter({powerPreference: 'high-performance'});
  if (!adapter) {
    throw new CommandError(
      'Dawn finds no Vulkan driver that it accepts; VK_DRIVER_FILES names one in an unusual place. Without a GPU take ' +
        "that of Debian's chromium: VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json and --software",
    );
  }
  const {vendor, architecture, device: model, description, isFallbackAdapter} = adapter.info;
  const words = [vendor, architecture, model, description].filter(Boolean).join(', ');
  const software = isFallbackAdapter || SOFTWARE.test(words);
  const device = `${words}${software ? ' (software)' : ''}${subgroups ? ', with subgroups' : ''}`;
  console.log(`webgpu by Dawn on ${device}`);
  if (software && !allowed)
    throw new CommandError('that is a software renderer and no GPU; --software measures it all the same');
  Object.assign(globalThis, globals);
  // Node 20 has no navigator.
  const navigator = globalThis.navigator ?? {};
  Object.defineProperty(navigator, 'gpu', {value: gpu, configurable: true});
  globalThis.navigator ??= navigator;
  return {adapter, device, software};
}
