import {memory, type Tensor, tensor} from '@tensorflow/tfjs-core';
import type {ContractKernel} from '../contract.js';
import {kernelPath} from '../run-kernel.js';
import {assertEqual, assertSameFloats} from './compare.js';
import type {CheckedOptions} from './options.js';

/** Runs a case and throws where it leaves a tensor or a buffer behind. */
export async function withoutLeak(run: () => Promise<void>): Promise<void> {
  const before = memory();
  await run();
  const after = memory();
  assertEqual('tensors left behind', after.numTensors - before.numTensors, 0);
  assertEqual('buffers left behind', after.numDataBuffers - before.numDataBuffers, 0);
}

/** Throws where a call of the kernel would not take the path that the options ask for. */
export function assertPath(kernel: ContractKernel, {path}: CheckedOptions): void {
  assertEqual(`path of ${kernel}`, kernelPath(kernel), path);
}

/** Tensors of copies of the arrays: some backends keep the very array that they are given. */
export function toTensors(arrays: readonly Float32Array[], shapes: readonly number[][]): Tensor[] {
  return arrays.map((array, i) => tensor(array.slice(), shapes[i], 'float32'));
}

export async function toArrays(tensors: readonly Tensor[]): Promise<Float32Array[]> {
  return Promise.all(tensors.map(async (one) => (await one.data<'float32'>()).slice()));
}

/** Throws where a tensor does not hold what it held before. */
export async function assertUntouched(
  what: string,
  tensors: readonly Tensor[],
  before: readonly Float32Array[],
): Promise<void> {
  const after = await toArrays(tensors);
  after.forEach((array, i) => {
    assertSameFloats(`${what}[${i}] after the call`, array, before[i]);
  });
}

export function disposeAll(tensors: readonly Tensor[]): void {
  for (const one of tensors) one.dispose();
}
