import {startDawn} from '@subset-tuning/kernels-webgpu/node';
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
 * Starts WebGPU in Node by Dawn, and prints adapter and driver.
 *
 * @throws if there is no adapter, or a software renderer alone where that will not do
 */
export async function startWebgpu({software: allowed, subgroups}: DawnOptions): Promise<Dawn> {
  // Rounded to 0.1 ms, as pages get them, timestamps say nothing of a GPU.
  await startDawn(['disable-dawn-features=timestamp_quantization']).catch(({message}: Error) => {
    throw new CommandError(`${message}; a software renderer needs --software`);
  });
  const adapter = await navigator.gpu.requestAdapter({powerPreference: 'high-performance'});
  if (!adapter) throw new CommandError('Dawn finds no adapter of high performance');
  const {vendor, architecture, device: model, description, isFallbackAdapter} = adapter.info;
  const words = [vendor, architecture, model, description].filter(Boolean).join(', ');
  const software = isFallbackAdapter || SOFTWARE.test(words);
  const device = `${words}${software ? ' (software)' : ''}${subgroups ? ', with subgroups' : ''}`;
  console.log(`webgpu by Dawn on ${device}`);
  if (software && !allowed)
    throw new CommandError('that is a software renderer and no GPU; --software measures it all the same');
  return {adapter, device, software};
}
