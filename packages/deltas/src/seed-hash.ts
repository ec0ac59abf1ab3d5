import {cut, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {Held} from './hold.js';
import {sha256} from './sha-256.js';

/**
 * One fingerprint for all of a model's weights: what `Delta.seedSha256` is.
 *
 * @param known The SHA-256s of weights that were taken already, by tensor, since one may have two names; the others are
 * read and hashed.
 */
export async function seedHash(
  weights: ReadonlyMap<string, tf.Tensor>,
  held: Held,
  known: ReadonlyMap<tf.Tensor, string>,
): Promise<string> {
  const hashes = new Map(known);
  const lines: string[] = [];
  for (const [name, weight] of [...weights].sort(byName)) {
    const hash = hashes.get(weight) ?? (await sha256(await readBytes(held(weight))));
    hashes.set(weight, hash);
    lines.push(`${hash} ${weight.dtype}[${weight.shape}] ${JSON.stringify(name)}\n`);
  }
  return sha256(new TextEncoder().encode(lines.join('')));
}

/** Throws unless all weights are tensors that can be read as bytes. */
export function checkReadable(weights: ReadonlyMap<string, unknown>): void {
  for (const [name, weight] of weights) {
    const what = `${cut(name)}: the model's weight is`;
    if (!(weight instanceof tf.Tensor)) throw new Error(`${what} ${show(weight)}, expected a tensor`);
    if (weight.isDisposed) throw new Error(`${what} disposed`);
    if (weight.dtype === 'string') throw new Error(`${what} string, expected numbers`);
  }
}

async function readBytes(tensor: tf.Tensor): Promise<Uint8Array<ArrayBuffer>> {
  const {buffer, byteOffset, byteLength} = await tensor.data();
  // A copy, as Web Crypto takes no shared memory.
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
