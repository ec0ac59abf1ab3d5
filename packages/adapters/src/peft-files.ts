import {bytes, checkFields, type Kinds} from '@subset-tuning/checks';
import {asFloat32, readSafetensors, type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import type * as tf from '@tensorflow/tfjs-core';

/** An adapter as PEFT keeps it: the bytes of its two files, by their names. */
export interface PeftFiles {
  'adapter_config.json': Uint8Array;
  'adapter_model.safetensors': Uint8Array;
}

const FILES: Kinds<PeftFiles> = {'adapter_config.json': bytes, 'adapter_model.safetensors': bytes};

/** Throws unless a value has both files. */
export function checkFiles(what: string, files: PeftFiles): void {
  checkFields(`${what}: files`, files, FILES);
}

/** The tensors of an adapter's file, in float32, by name. */
export function readTensors(files: PeftFiles): Map<string, {shape: readonly number[]; values: Float32Array}> {
  const {tensors} = readSafetensors(files['adapter_model.safetensors'], 'adapter_model.safetensors');
  return new Map(
    Array.from(tensors, ([name, tensor]) => [name, {shape: tensor.shape, values: asFloat32(tensor)}] as const),
  );
}

/** The files of an adapter. */
export async function writeFiles(config: object, tensors: ReadonlyMap<string, tf.Tensor>): Promise<PeftFiles> {
  const stored = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const values = Float32Array.from(await tensor.data<'float32'>());
    stored.set(name, {dtype: 'F32', shape: tensor.shape, data: new Uint8Array(values.buffer)});
  }
  return {
    'adapter_config.json': new TextEncoder().encode(`${JSON.stringify(config, undefined, 2)}\n`),
    'adapter_model.safetensors': writeSafetensors({tensors: stored, metadata: new Map([['format', 'pt']])}),
  };
}
