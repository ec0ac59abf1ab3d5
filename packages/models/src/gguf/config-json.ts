import {oneOf, optional} from '@subset-tuning/checks';
import type {Gguf} from '@subset-tuning/gguf';
import {ArchitectureKeys} from './architecture-keys.js';
import {ARCHITECTURES, type ConfigJson} from './architectures.js';
import {COUNT, type Fields, field, TEXTS} from './field.js';

/**
 * The `config.json` that a GGUF file's metadata stand for.
 *
 * @param factors What divides the rotary frequencies, where a tensor of the file says it.
 * @throws where the architecture, or a key of it, is not known here.
 */
export function configJson(fields: Fields, tensors: Gguf['tensors'], factors?: readonly number[]): ConfigJson {
  const architecture = field<string>(fields, 'general.architecture', oneOf(Object.keys(ARCHITECTURES)));
  const keys = new ArchitectureKeys(fields, architecture);
  const json: ConfigJson = {
    ...ARCHITECTURES[architecture]({keys, tensors, ...(factors && {factors})}),
    tie_word_embeddings: !tensors.has('output.weight'),
    vocab_size: keys.count('vocab_size', field<string[]>(fields, 'tokenizer.ggml.tokens', TEXTS).length),
    eos_token_id: ['eos', 'eot'].flatMap((name) => {
      const id = field<number | bigint | undefined>(fields, `tokenizer.ggml.${name}_token_id`, optional(COUNT));
      return id === undefined ? [] : Number(id);
    }),
  };
  keys.finish();
  return json;
}
