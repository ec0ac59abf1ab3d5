import type {EncoderDecoderModel} from '../src/encoder-decoder-model.js';
import {loadEncoderDecoder} from '../src/load-encoder-decoder.js';
import {readFolder} from '../src/read-folder.js';
import {goldenUrl} from './load-family.js';

/** A tiny model of `make-t5.py`, with the tokenizer of `make-t5-tokenizer.py`. */
export async function loadT5(name: string): Promise<EncoderDecoderModel> {
  const [own, tokenizer] = [readFolder(goldenUrl(`t5/${name}`)), readFolder(goldenUrl('t5'))];
  return loadEncoderDecoder(name, {
    read: (file, limit) => (file === 'tokenizer.json' ? tokenizer : own)(file, limit),
  });
}
