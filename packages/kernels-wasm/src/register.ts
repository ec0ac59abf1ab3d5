import {getKernel, type KernelConfig, registerKernel} from '@tensorflow/tfjs-core';
import {unsortedSegmentSumConfig} from './unsorted-segment-sum.js';

/** What the wasm backend lacks. */
const missing: readonly KernelConfig[] = [unsortedSegmentSumConfig];

/** Registers what the wasm backend lacks for training. Calling it again, or after another package did, is harmless. */
export function register(): void {
  for (const config of missing) {
    if (!getKernel(config.kernelName, config.backendName)) registerKernel(config);
  }
}
