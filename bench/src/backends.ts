import {createRequire} from 'node:module';
import {cpus} from 'node:os';
import {register as registerWasm} from '@subset-tuning/kernels-wasm';
// Brings the cpu backend, the gradients and the chained ops.
import {backend, env, registerBackend, removeBackend, setBackend, zeros} from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {CommandError} from './command.js';
import {throwErrorsOf} from './settle.js';
import type {DawnOptions} from './start-webgpu.js';
import {throwWhereFull} from './throw-where-full.js';

/** A backend that has started. */
export interface Started {
  /** What it runs on, in words. */
  device: string;
  /** How many calls in a row are to be timed together. */
  inARow: number;
}

/** Loads a backend of Node's, starts it and registers our kernels for it. */
const STARTS: Record<string, (options: DawnOptions) => Promise<Partial<Started>>> = {
  cpu: async () => {
    (await import('@subset-tuning/kernels-cpu')).register();
    await activate('cpu');
    return {};
  },
  wasm: async () => {
    registerWasm();
    await activate('wasm');
    zeros([1]).dispose();
    // Its class has this field; the published types call it private.
    throwWhereFull(backend() as unknown as Parameters<typeof throwWhereFull>[0]);
    return {};
  },
  tensorflow: async () => {
    loadTfjsNode();
    (await import('@subset-tuning/kernels-node')).register();
    await activate('tensorflow');
    return {};
  },
  webgpu: async (options) => {
    const {adapter, device, software} = await (await import('./start-webgpu.js')).startWebgpu(options);
    // Looks for navigator.gpu when it is imported.
    const {WebGPUBackend} = await import('@tensorflow/tfjs-backend-webgpu');
    if (options.subgroups) {
      const own = await deviceWithSubgroups(adapter);
      removeBackend('webgpu');
      registerBackend('webgpu', () => new WebGPUBackend(own, adapter.info), 3);
    }
    (await import('@subset-tuning/kernels-webgpu')).register();
    await activate('webgpu');
    const webgpu = backend();
    if (webgpu instanceof WebGPUBackend) throwErrorsOf(webgpu.device);
    // A call goes to the GPU in one piece, or its clock would measure how fast pieces are recorded.
    env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', 64);
    // Waiting for a GPU takes longer than a call.
    return {device, inARow: software ? 1 : 8};
  },
};

/** The backends that Node can start. */
export const BACKENDS_OF_NODE = Object.keys(STARTS);

/** @throws if the backend does not start here, or by a software renderer that the options do not allow */
export async function startBackend(name: string, options: DawnOptions): Promise<Started> {
  return {device: cpus()[0]?.model ?? 'unknown processor', inARow: 1, ...(await STARTS[name](options))};
}

/** As tfjs's own device, with subgroups besides. */
async function deviceWithSubgroups(adapter: GPUAdapter): Promise<GPUDevice> {
  if (!adapter.features.has('subgroups')) throw new CommandError('the adapter has no subgroups; leave out --subgroups');
  const requiredFeatures: GPUFeatureName[] = ['subgroups'];
  if (adapter.features.has('timestamp-query')) requiredFeatures.push('timestamp-query');
  const {limits} = adapter;
  const requiredLimits = {
    maxBufferSize: limits.maxBufferSize,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
  };
  return adapter.requestDevice({requiredFeatures, requiredLimits});
}

async function activate(name: string): Promise<void> {
  if (!(await setBackend(name))) throw new CommandError(`the backend '${name}' does not start here`);
}

function loadTfjsNode(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  try {
    // No import may name it, for it is optional: in `.tfjs-node/`, or where npm installed it.
    createRequire(new URL('../../.tfjs-node/', import.meta.url))('@tensorflow/tfjs-node');
  } catch (cause) {
    throw new Error("tfjs-node does not load; 'npm run build-addon -w packages/kernels-node' builds it", {cause});
  }
}
