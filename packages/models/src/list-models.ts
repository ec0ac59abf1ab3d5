/** A checkpoint on the Hugging Face hub. */
export interface ListedModel {
  /** What the loader is given. */
  id: string;
  /** The function that loads it. */
  loader: 'loadModel' | 'loadEncoderDecoder' | 'loadEncoder';
  /** The family, by the name in `config.json`. */
  modelType: string;
  /** How many weights it has here, of 4 bytes each. */
  parameters: number;
  /** By its SPDX name where it has one. */
  license: string;
}

const MODELS: readonly ListedModel[] = [
  row('HuggingFaceTB/SmolLM2-135M-Instruct', 'loadModel', 'llama', 134_515_008, 'Apache-2.0'),
  row('openai-community/gpt2', 'loadModel', 'gpt2', 124_439_808, 'MIT'),
  row('google/gemma-3-270m', 'loadModel', 'gemma3_text', 268_098_176, 'gemma'),
  row('Qwen/Qwen2.5-0.5B-Instruct', 'loadModel', 'qwen2', 494_032_768, 'Apache-2.0'),
  row('Qwen/Qwen3-0.6B', 'loadModel', 'qwen3', 596_049_920, 'Apache-2.0'),
  row('google-t5/t5-small', 'loadEncoderDecoder', 't5', 60_506_624, 'Apache-2.0'),
  row('google/flan-t5-small', 'loadEncoderDecoder', 't5', 76_961_152, 'Apache-2.0'),
  row('google/flan-t5-base', 'loadEncoderDecoder', 't5', 247_577_856, 'Apache-2.0'),
  row('sentence-transformers/all-MiniLM-L6-v2', 'loadEncoder', 'bert', 22_713_216, 'Apache-2.0'),
  row('google-bert/bert-base-uncased', 'loadEncoder', 'bert', 109_482_240, 'Apache-2.0'),
  row('distilbert/distilbert-base-uncased', 'loadEncoder', 'distilbert', 66_362_880, 'Apache-2.0'),
];

/**
 * Small checkpoints on the hub that are of a family which this package loads, with the number of weights that follows from
 * their published configs. Others of these families load as well; these are a place to begin.
 *
 * @example
 * ```ts
 * import {listModels} from '@subset-tuning/models';
 *
 * console.log(listModels().filter(({parameters}) => parameters < 2e8).map(({id}) => id));
 * ```
 */
export function listModels(): ListedModel[] {
  return MODELS.map((model) => ({...model}));
}

function row(
  id: string,
  loader: ListedModel['loader'],
  modelType: string,
  parameters: number,
  license: string,
): ListedModel {
  return {id, loader, modelType, parameters, license};
}
