import {backend, getBackend} from '@tensorflow/tfjs';

/** What we touch of tfjs's `WebGPUBackend`. Its class has these fields; the published types call some of them private. */
export interface WebGpuBackend {
  readonly device: GPUDevice;
  readonly bufferManager: {
    /** By size and usage. */
    readonly freeBuffers: ReadonlyMap<string, GPUBuffer[]>;
    numFreeBuffers: number;
    numBytesAllocated: number;
  };
  commandEncoder: GPUCommandEncoder | null;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** The active backend where that is webgpu. */
export function webgpuBackend(): WebGpuBackend | undefined {
  return getBackend() === 'webgpu' ? (backend() as unknown as WebGpuBackend) : undefined;
}

/** Where commands go that are to run after all that was asked for so far. */
export function commandEncoder(webgpu: WebGpuBackend): GPUCommandEncoder {
  webgpu.ensureCommandEncoderReady();
  webgpu.endComputePassEncoder();
  if (!webgpu.commandEncoder) throw new Error('the webgpu backend has no command encoder');
  return webgpu.commandEncoder;
}
