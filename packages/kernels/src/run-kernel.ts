import {engine, getKernel, type NamedAttrMap, type NamedTensorMap, type Tensor} from '@tensorflow/tfjs-core';
import {activeBackend} from './active-backend.js';
import {backendAdvice, possibleBackends} from './backend-advice.js';
import {
  type ContractKernel,
  SubsetProject,
  type SubsetProjectAttrs,
  SubsetStep,
  type SubsetStepAttrs,
  TopKMask,
  type TopKMaskAttrs,
} from './contract.js';
import {fallbackSubsetProject} from './fallback/subset-project.js';
import {fallbackSubsetStep} from './fallback/subset-step.js';
import {fallbackTopKMask} from './fallback/top-k-mask.js';
import {warnOnce} from './warn-once.js';

/** The attributes of each kernel of the contract. */
export interface KernelAttrs {
  [TopKMask]: TopKMaskAttrs;
  [SubsetProject]: SubsetProjectAttrs;
  [SubsetStep]: SubsetStepAttrs;
}

/** A kernel of the contract as a plain function of tensors. */
export type TensorKernel<K extends ContractKernel> = (inputs: Tensor[], attrs: KernelAttrs[K]) => Tensor[];

const FALLBACKS: {[K in ContractKernel]: TensorKernel<K>} = {
  [TopKMask]: fallbackTopKMask,
  [SubsetProject]: fallbackSubsetProject,
  [SubsetStep]: fallbackSubsetStep,
};

/**
 * Which code a call would run on a backend, by default the active one: the `fused` kernel that is registered for it, or
 * the portable `fallback` in plain tfjs ops.
 */
export function kernelPath(kernel: ContractKernel, backendName = activeBackend()): 'fused' | 'fallback' {
  return getKernel(kernel, backendName) ? 'fused' : 'fallback';
}

/**
 * Runs a kernel of the contract on the active backend, or its fallback there. Inputs are checked by the caller.
 *
 * @throws where no kernel is registered and the backend's int32 is not exact, or where no backend is active
 */
export function runContractKernel<K extends ContractKernel>(
  kernel: K,
  inputs: Tensor[],
  attrs: KernelAttrs[K],
): Tensor[] {
  const backendName = activeBackend();
  if (kernelPath(kernel, backendName) === 'fallback') {
    assertExact(kernel, backendName, inputs);
    warnOnce(
      `${kernel} on ${backendName}: no kernel is registered; using the portable fallback, which is exact and slower. ` +
        `${whereRegistered(kernel, backendName)}.`,
    );
    return FALLBACKS[kernel](inputs, attrs);
  }
  // The engine hands both on as they are; its types know only dictionaries of tensors and of scalar attributes.
  const output = engine().runKernel<Tensor | Tensor[]>(
    kernel,
    inputs as unknown as NamedTensorMap,
    attrs as unknown as NamedAttrMap,
  );
  return Array.isArray(output) ? output : [output];
}

/**
 * The stock ops of webgl and webgpu read and write int32 through float32, so that a mask's words lose bits there and
 * places above 2²⁴ run together. A top-k mask of fewer elements needs neither; webgpu has been seen to get it right.
 */
function assertExact(kernel: ContractKernel, backendName: string, [first]: Tensor[]): void {
  if (backendName !== 'webgl' && backendName !== 'webgpu') return;
  if (backendName === 'webgpu' && kernel === TopKMask && first.size <= 2 ** 24) return;
  throw new Error(
    `${kernel} on ${backendName}: no kernel is registered, and the fallback needs exact int32, which the ops of ` +
      `${backendName} pass through float32. ${whereRegistered(kernel, backendName)}, or take another backend`,
  );
}

/** For which backends a kernel is registered that the active one lacks, and how to make one of them the active one. */
function whereRegistered(kernel: ContractKernel, active: string): string {
  const others = possibleBackends().filter((name) => getKernel(kernel, name));
  if (others.length === 0) return `Call register() of the kernel package of '${active}' first`;
  const advice = others.map((name) => `it is registered for '${name}': ${backendAdvice(name)}`);
  return `The active backend is '${active}'; ${advice.join('; ')}`;
}
