import {readSafetensors, type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readFile, readJson} from '../../../test/read-file.js';
import {goldenUrl} from '../golden/load-family.js';
import {loadEncoderDecoder, loadModel} from './index.js';
import {listModels} from './list-models.js';
import {parameterCount, readArchitecture, readEncoderDecoder} from './read-architecture.js';

// The configs of published checkpoints, as they lie beside their weights, and how many parameters those have.

const T5 = {
  ...{architectures: ['T5ForConditionalGeneration'], model_type: 't5', is_encoder_decoder: true, vocab_size: 32128},
  ...{d_kv: 64, dropout_rate: 0.1, initializer_factor: 1, layer_norm_epsilon: 1e-6, n_positions: 512},
  ...{decoder_start_token_id: 0, eos_token_id: 1, pad_token_id: 0, relative_attention_num_buckets: 32},
  ...{output_past: true, use_cache: true},
};
const T5_SMALL = {
  ...{...T5, d_ff: 2048, d_model: 512, num_heads: 8, num_layers: 6},
  task_specific_params: {
    summarization: {early_stopping: true, length_penalty: 2, max_length: 200, num_beams: 4, prefix: 'summarize: '},
  },
};
const T5_BASE = {...T5_SMALL, d_ff: 3072, d_model: 768, num_heads: 12, num_layers: 12};
const T5_1_1 = {
  ...{...T5, feed_forward_proj: 'gated-gelu', tie_word_embeddings: false, relative_attention_max_distance: 128},
};
const T5_1_1_SMALL = {...T5_1_1, d_ff: 1024, d_model: 512, num_heads: 6, num_layers: 8, num_decoder_layers: 8};
const FLAN_T5_SMALL = {...T5_1_1_SMALL, transformers_version: '4.23.1'};
const FLAN_T5_BASE = {
  ...{...T5_1_1, d_ff: 2048, d_model: 768, num_heads: 12, num_layers: 12, num_decoder_layers: 12},
  ...{dense_act_fn: 'gelu_new', is_gated_act: true, classifier_dropout: 0},
};
const FLAN_T5_LARGE = {
  ...{...FLAN_T5_BASE, d_ff: 2816, d_model: 1024, num_heads: 16, num_layers: 24, num_decoder_layers: 24},
};

/** How many weights the list says that a model has, where it lists it. */
const listed = (name: string) => listModels().find(({id}) => id === name || id.endsWith(`/${name}`))?.parameters;

describe('readEncoderDecoder', () => {
  it.each<[string, object, number]>([
    ['t5-small', T5_SMALL, 60_506_624],
    ['t5-base', T5_BASE, 222_903_552],
    ['google/t5-v1_1-small', T5_1_1_SMALL, 76_961_152],
    ['google/flan-t5-small', FLAN_T5_SMALL, 76_961_152],
    ['google/flan-t5-base', FLAN_T5_BASE, 247_577_856],
    ['google/flan-t5-large', FLAN_T5_LARGE, 783_150_080],
  ])('reads the config of %s', (name, config, parameters) => {
    expect(parameterCount(readEncoderDecoder(config))).toBe(parameters);
    expect([parameters, undefined]).toContain(listed(name));
  });

  it('reads the same as transformers 4 and as transformers 5 say it', () => {
    const {tie_word_embeddings: _, ...rest} = FLAN_T5_SMALL;
    const five = {...rest, tie_word_embeddings: true, scale_decoder_outputs: false, is_decoder: false};
    expect(readEncoderDecoder(five).output).toBe('lm_head.weight');
    expect(readEncoderDecoder({...T5_SMALL, tie_word_embeddings: true, scale_decoder_outputs: true}).output).toBe(
      'shared.weight',
    );
  });

  it.each<[string, object, object, string]>([
    [
      'another activation',
      T5_1_1_SMALL,
      {feed_forward_proj: 'gated-silu'},
      'feed_forward_proj is "gated-silu", expected',
    ],
    ['an exact gelu', T5_1_1_SMALL, {dense_act_fn: 'gelu'}, 'dense_act_fn is "gelu", expected "gelu_new"'],
    ['a gate that is none', T5_SMALL, {is_gated_act: true}, 'is_gated_act is true, expected false'],
    ['a decoder alone', T5_SMALL, {is_encoder_decoder: false}, 'is_encoder_decoder is false, expected true'],
    ['no start of answers', T5_SMALL, {decoder_start_token_id: null}, 'decoder_start_token_id is undefined, expected'],
    ['a start beyond the vocabulary', T5_SMALL, {decoder_start_token_id: 32128}, 'from 0 to 32127'],
    ['odd buckets', T5_SMALL, {relative_attention_num_buckets: 31}, 'is 31, expected an even number'],
    ['a distance in its exact half', T5_SMALL, {relative_attention_max_distance: 16}, 'is 16, expected a whole number'],
    [
      'scaled outputs of their own layer',
      T5_SMALL,
      {tie_word_embeddings: false, scale_decoder_outputs: true},
      'scale_decoder_outputs is true, expected false where tie_word_embeddings is',
    ],
    ["another family's attribute", T5_SMALL, {rope_theta: 1e4}, 'attributes that are not known here: rope_theta'],
    ['sizes absurd together', T5_SMALL, {d_model: 65536, num_layers: 1024}, 'parameters, expected at most'],
    ['a decoder-only model', T5_SMALL, {model_type: 'llama'}, 'model_type is "llama", expected one of t5; loadModel'],
    ['another model', T5_SMALL, {model_type: 'bart'}, 'model_type is "bart", expected "t5"'],
  ])('refuses %s', (_, config, changes, message) => {
    expect(() => readEncoderDecoder({...config, ...changes})).toThrow(message);
  });

  it('is named where a model with an encoder is taken for one without', () => {
    expect(() => readArchitecture(T5_SMALL)).toThrow('model_type is "t5", expected one of gemma3_text, gpt2,');
    expect(() => readArchitecture(T5_SMALL)).toThrow('loadEncoderDecoder loads this one');
  });
});

describe('a checkpoint of T5 as folders have them', () => {
  const folder = goldenUrl('t5/t5/');
  let tensorsBefore: number;
  beforeEach(() => {
    tensorsBefore = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    expect(Object.keys(tf.engine().registeredVariables)).toEqual([]);
  });

  /** Loads the golden folder with its tensors changed. */
  async function loadWith(change: (tensors: Map<string, StoredTensor>) => void) {
    const {tensors} = readSafetensors(await readFile(new URL('model.safetensors', folder)));
    change(tensors);
    const files: Record<string, () => Promise<Uint8Array>> = {
      'config.json': () => readFile(new URL('config.json', folder)),
      'tokenizer.json': () => readFile(goldenUrl('t5/tokenizer.json')),
      'model.safetensors': async () => writeSafetensors({tensors}),
    };
    const read = async (name: string) => {
      if (!(name in files)) throw Object.assign(new Error(`there is no ${name}`), {code: 'ENOENT'});
      return files[name]();
    };
    return loadEncoderDecoder('tiny', {read});
  }
  const sharedOf = (tensors: Map<string, StoredTensor>): StoredTensor => {
    const shared = tensors.get('shared.weight');
    if (!shared) throw new Error('no shared.weight');
    return shared;
  };
  const extra = 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight';

  it.each<[string, (tensors: Map<string, StoredTensor>) => void]>([
    ['as it is', () => {}],
    [
      'embeddings under all of their names, and a bias that the first T5 did not use',
      (tensors) => {
        const shared = sharedOf(tensors);
        for (const name of ['encoder.embed_tokens', 'decoder.embed_tokens', 'lm_head'])
          tensors.set(`${name}.weight`, shared);
        tensors.set(extra, {dtype: 'F32', shape: [8, 4], data: new Uint8Array(128)});
      },
    ],
    [
      'embeddings under another name',
      (tensors) => {
        tensors.set('decoder.embed_tokens.weight', sharedOf(tensors));
        tensors.delete('shared.weight');
      },
    ],
  ])('takes %s', async (_, change) => {
    const model = await loadWith(change);
    const {loss, inputs, targets, weights} = await readJson<{
      loss: number;
      inputs: number[][];
      targets: number[][];
      weights: number[][];
    }>(new URL('golden.json', folder));
    const value = tf.tidy(() => model.loss({inputs, targets, weights}).dataSync()[0]);
    expect(value).toBeCloseTo(loss, 4);
    expect(model.id).toBe('tiny');
    model.dispose();
  });

  it.each<[string, (tensors: Map<string, StoredTensor>) => void, string]>([
    [
      'embeddings that differ',
      (tensors) => {
        const shared = sharedOf(tensors);
        tensors.set('encoder.embed_tokens.weight', {...shared, data: new Uint8Array(shared.data.length)});
      },
      'encoder.embed_tokens.weight is another than shared.weight, expected tied embeddings',
    ],
    ['no embeddings', (tensors) => tensors.delete('shared.weight'), 'no tensor shared.weight, expected one of shape'],
    [
      'an output layer of its own',
      (tensors) => {
        const shared = sharedOf(tensors);
        tensors.set('lm_head.weight', {...shared, data: new Uint8Array(shared.data.length)});
      },
      'lm_head.weight is another than shared.weight, expected tied embeddings',
    ],
    [
      'a bias of a second layer',
      (tensors) => tensors.set(extra.replace('block.0', 'block.1'), sharedOf(tensors)),
      'EncDecAttention.relative_attention_bias.weight is no part of this model',
    ],
  ])('refuses %s', async (_, change, message) => {
    await expect(loadWith(change)).rejects.toThrow(message);
  });

  it('is for loadEncoderDecoder', async () => {
    await expect(loadModel(folder)).rejects.toThrow('loadEncoderDecoder loads this one');
    await expect(loadEncoderDecoder('' as never)).rejects.toThrow('loadEncoderDecoder: folder is "", expected');
  });
});
