import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type MetadataValue, readGguf} from '@subset-tuning/gguf';
import type {CausalModel} from '../src/index.js';

// The golden GGUF files for tests, as they are and with changes.

const folder = fileURLToPath(new URL('gguf', import.meta.url));
export const pathOf = (kind: string) => join(folder, `${kind}.gguf`);

export interface Golden {
  sha256: Record<string, string>;
  prompt: string;
  ids: number[];
  made: number[];
  logits: [place: number, logit: number][];
  texts: {text: string; ids: number[]; plainIds: number[]; decoded: string}[];
}
export const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Record<string, Golden> & {
  preTokenizers: Record<string, number[][]>;
};

/** A fixture's metadata with some of them exchanged, and its tensors. */
export async function fixture(kind: string, changes: Record<string, MetadataValue | undefined> = {}) {
  const file = await readGguf(new Uint8Array(readFileSync(pathOf(kind))), 'm.gguf');
  const metadata = new Map(file.metadata);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) metadata.delete(key);
    else metadata.set(key, value);
  }
  return {...file, fields: {name: 'm.gguf', metadata}};
}

/** The SHA-256 of each weight's bytes, by its name. */
export function hashesOf({weights}: CausalModel): Record<string, string> {
  return Object.fromEntries(
    Array.from(weights, ([name, weight]) => {
      const {buffer, byteOffset, byteLength} = weight.dataSync<'float32'>();
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      return [name, createHash('sha256').update(bytes).digest('hex')];
    }),
  );
}
