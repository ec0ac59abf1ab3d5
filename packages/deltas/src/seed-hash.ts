import type * as tf from '@tensorflow/tfjs-core';
import {readBytes} from './bits.js';
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

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
