import type {CausalModel} from '../src/causal-model.js';
import {loadModel} from '../src/load-model.js';
import {type ReadFile, readFolder} from '../src/read-folder.js';

/** The families of `make-families.py`. */
export const families = ['llama', 'qwen2', 'qwen3', 'gpt2', 'gemma3'];

// With a fixed name: vite would take one that is put together for a pattern of files.
const here = new URL('golden.json', import.meta.url);

/** Where a golden file or folder lies. */
export function goldenUrl(path: string): URL {
  return new URL(path, here);
}

/** The tiny model of a family, with the tokenizer of tiny-llama. */
export async function loadFamily(name: string): Promise<CausalModel> {
  return loadModel(name, {read: readFamily(name)});
}

/** Reads its files. */
export function readFamily(name: string): ReadFile {
  const [own, tiny] = [readFolder(goldenUrl(`families/${name}`)), readFolder(goldenUrl('tiny-llama'))];
  return (file, limit) => (file === 'tokenizer.json' ? tiny : own)(file, limit);
}
