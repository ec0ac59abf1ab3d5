import type {ReadFile} from '@subset-tuning/models';
import type {LoadProgress} from './protocol.js';

const FILES = ['config.json', 'tokenizer.json', 'model.safetensors'];

/** Reads the translator's files, which lie beside the page, and tells how far each has come. */
export function readTranslator(base: string, onProgress: (progress: LoadProgress) => void): ReadFile {
  return async (name) => {
    if (!FILES.includes(name)) throw Object.assign(new Error(`the translator has no ${name}`), {code: 'ENOENT'});
    const response = await fetch(new URL(`translator/${name}`, base));
    if (!response.ok || !response.body) {
      throw new Error(`${name} of the translator did not come (${response.status}). Reload the page to try again.`);
    }
    const total = Number(response.headers.get('content-length')) || undefined;
    const parts: Uint8Array[] = [];
    let loaded = 0;
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      loaded += part.value.length;
      onProgress({what: name, loaded, ...(total !== undefined && total >= loaded && {total})});
    }
    const bytes = new Uint8Array(loaded);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  };
}
