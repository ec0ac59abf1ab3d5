import {bytes, checkFields, cut, type Kinds, show} from '@subset-tuning/checks';
import {asFloat32, readSafetensors, type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs-core';

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

/** What an adapter's file says of a tensor. */
export interface FileTensor {
  readonly shape: readonly number[];
  /** Its values, made anew by each call. */
  values(): Float32Array;
}

const FLOATS: readonly string[] = ['F32', 'F16', 'BF16'];

/** The tensors of an adapter's file by name. Nothing is copied but by `values`. */
export function readTensors(files: PeftFiles): Map<string, FileTensor> {
  const {tensors} = readSafetensors(files['adapter_model.safetensors'], 'adapter_model.safetensors');
  for (const [name, {dtype}] of tensors) {
    if (FLOATS.includes(dtype)) continue;
    throw new Error(
      `adapter_model.safetensors: the dtype of ${cut(name)} is ${show(dtype)}, expected one of ${FLOATS.join(', ')}`,
    );
  }
  return new Map(
    Array.from(tensors, ([name, tensor]) => [name, {shape: tensor.shape, values: () => asFloat32(tensor)}]),
  );
}

/** The files of an adapter, with the tensors as they are at the call, whatever is assigned to them before it ends. */
export async function writeFiles(config: object, tensors: ReadonlyMap<string, tf.Tensor>): Promise<PeftFiles> {
  // Not by a clone, which on wasm is a copy.
  const now = Array.from(tensors, ([name, one]) => [name, tf.keep(tf.reshape(one, one.shape))] as const);
  const stored = new Map<string, StoredTensor>();
  try {
    for (const [name, tensor] of now) {
      const values = Float32Array.from(await tensor.data<'float32'>());
      stored.set(name, {dtype: 'F32', shape: tensor.shape, data: new Uint8Array(values.buffer)});
    }
  } finally {
    tf.dispose(now.map(([, tensor]) => tensor));
  }
  return {
    'adapter_config.json': new TextEncoder().encode(`${JSON.stringify(config, undefined, 2)}\n`),
    'adapter_model.safetensors': writeSafetensors({tensors: stored, metadata: new Map([['format', 'pt']])}),
  };
}
