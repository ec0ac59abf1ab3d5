import {type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  BRACKETS,
  config,
  copyOf,
  folderOf,
  folderWith,
  hasGoldenWeights,
  shards,
  text,
  weights,
} from '../golden/golden-folder.js';
import {loadModel, type ReadFile} from './index.js';

/** The same tensor but for its last bit. */
function changed(tensor: StoredTensor): StoredTensor {
  tensor.data[tensor.data.length - 1] ^= 1;
  return tensor;
}

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  expect(Object.keys(tf.engine().registeredVariables)).toEqual([]);
});

describe('a checkpoint as folders have them', () => {
  it.each<[string, Record<string, Uint8Array>]>([
    [
      'an output layer equal to the embeddings',
      weights((all) => all.set('lm_head.weight', copyOf(all, 'model.embed_tokens.weight'))),
    ],
    [
      'rotary frequencies',
      weights((all) => {
        const inverse: StoredTensor = {dtype: 'F32', shape: [2], data: new Uint8Array(8)};
        all.set('model.rotary_emb.inv_freq', inverse);
        for (const layer of [0, 1]) all.set(`model.layers.${layer}.self_attn.rotary_emb.inv_freq`, inverse);
      }),
    ],
    [
      'names of a decoder saved alone',
      weights((all) => {
        for (const [name, tensor] of [...all]) {
          all.delete(name);
          all.set(name.replace(/^model\./, ''), tensor);
        }
      }),
    ],
    ['positions scaled by 1', config({rope_scaling: {type: 'linear', factor: 1}})],
    ['positions of which all turn', config({rope_parameters: {rope_theta: 1e4, partial_rotary_factor: 1}})],
    ['neutral attributes of others', config({sliding_window: null, rope_interleaved: false, logits_scaling: 1})],
    ['nothing where the default holds', config({head_dim: null, eos_token_id: null, mlp_bias: undefined})],
    ['full attention, said of each layer', config({layer_types: ['full_attention', 'full_attention']})],
  ])('takes %s', async (_, changes) => {
    const model = await loadModel('x', {read: folderWith(changes)});
    const isGolden = hasGoldenWeights(model);
    model.dispose();
    expect(isGolden).toBe(true);
  });

  it('reads weights in several files', async () => {
    for (const count of [1, 3]) {
      const model = await loadModel('x', {read: folderOf(shards(count))});
      expect(hasGoldenWeights(model)).toBe(true);
      model.dispose();
    }
  });

  const index = (weight_map: unknown) => ({...shards(), 'model.safetensors.index.json': text({weight_map})});
  const first = 'model-00001-of-00003.safetensors';
  it.each<[string, Record<string, Uint8Array>, RegExp]>([
    ['that is no JSON', {'model.safetensors.index.json': text('{')}, /^model\.safetensors\.index\.json is not JSON/],
    ['without places', index(null), /weight_map is null, expected an object of file names/],
    ['of brackets', index(BRACKETS), /weight_map is \[\[\[\[…\]\]\]\], expected an object/],
    [
      'that leads outside',
      index({a: '../other.safetensors'}),
      /"a" is "\.\.\/other\.safetensors", expected a file of this/,
    ],
    ['of an address', index({a: 'http://x/y.safetensors'}), /"a" is "http:.*", expected a file of this folder/],
    ['of pickles', index({a: 'pytorch_model.bin'}), /"a" is "pytorch_model\.bin", expected a file of this folder/],
    [
      'of too many',
      index(Object.fromEntries(Array.from({length: 1001}, (_, i) => [i, `${i}.safetensors`]))),
      /names more/,
    ],
    ['of a file that is not there', index({a: 'b.safetensors'}), /^no file b\.safetensors$/],
    [
      'of another tensor',
      index({a: first}),
      /-00003\.safetensors has the tensor ".*", expected it in undefined by model/,
    ],
    [
      'of a missing tensor',
      {...shards(), [first]: writeSafetensors({tensors: new Map()})},
      /has no tensor ".*", expected/,
    ],
  ])('refuses an index %s', async (_, parts, message) => {
    await expect(loadModel('x', {read: folderOf(parts)})).rejects.toThrow(message);
  });

  it.each<[string, Record<string, Uint8Array>, RegExp]>([
    ['a config that is no JSON', {'config.json': text('{')}, /^config\.json is not JSON/],
    ['a config that is no UTF-8', {'config.json': Uint8Array.of(0xff)}, /^config\.json is not JSON in UTF-8/],
    ['a config that is no object', {'config.json': text([])}, /^config\.json is not a JSON object/],
    [
      'a config of a megabyte',
      {'config.json': new Uint8Array(2 ** 20 + 1)},
      /^config\.json has 1048577 bytes, expected/,
    ],
    ['another architecture', config({model_type: 'gpt_neox'}), /model_type is "gpt_neox", expected .*"llama"/],
    [
      'attributes that it does not know',
      config({foo: {bar: 1}, torch_dtype: 'bfloat16', ['x'.repeat(1e5)]: 1}),
      /^config\.json: attributes that are not known here: foo, x{95}…; expected none, as they may change what the model/,
    ],
    [
      'an activation of brackets',
      config({hidden_act: BRACKETS}),
      /^config\.json: hidden_act is \[\[\[\[…\]\]\]\], expected "silu"$/,
    ],
    ['a size of brackets', config({vocab_size: BRACKETS}), /^config\.json: vocab_size is \[\[\[\[…\]\]\]\], expected/],
    [
      'ends of brackets',
      config({eos_token_id: [2, BRACKETS]}),
      /^config\.json: eos_token_id is \[\[\[\[…\]\]\]\], expected/,
    ],
    [
      'positions of brackets',
      config({rope_scaling: {type: BRACKETS}}),
      /^config\.json: rope_scaling is \{"type":\[\[\[…/,
    ],
    ['a size that throws as text', config({vocab_size: {toString: 1}}), /vocab_size is \{"toString":1\}, expected/],
    [
      'megabytes of text',
      config({hidden_act: 'x'.repeat(1e6)}),
      /^config\.json: hidden_act is "x{99}…, expected "silu"$/,
    ],
    ['a million brackets', {'config.json': text('['.repeat(1e6))}, /^config\.json is not JSON/],
    ['half a rotation', config({partial_rotary_factor: 0.5}), /partial_rotary_factor is 0\.5, expected none/],
    [
      'half a rotation of transformers 5',
      config({rope_parameters: {rope_type: 'default', rope_theta: 1e4, partial_rotary_factor: 0.5}}),
      /rope_parameters is .*, expected a rotary embedding of all of each head/,
    ],
    [
      'scaling in two ways',
      config({rope_scaling: {type: 'linear', factor: 2}}),
      /rope_scaling is .*"factor":2.*, expected the same as rope_parameters/,
    ],
    [
      'linear positions without a factor',
      config({rope_parameters: {rope_type: 'linear'}}),
      /rope_parameters is .*, expected factor to be a number above 0/,
    ],
    [
      'scaled positions of a kind that is not known',
      config({rope_parameters: {rope_type: 'yarn', factor: 4}}),
      /rope_parameters is .*"yarn".*, expected a default, linear or llama3 rotary embedding/,
    ],
    [
      'frequencies that are high below the low ones',
      config({
        rope_parameters: {
          rope_type: 'llama3',
          factor: 8,
          low_freq_factor: 4,
          high_freq_factor: 1,
          original_max_position_embeddings: 32,
        },
      }),
      /rope_parameters is .*, expected high_freq_factor above low_freq_factor/,
    ],
    ['an unknown scaling', config({rope_scaling: {mscale: 2}}), /rope_scaling is \{"mscale":2\}, expected/],
    ['positions by kind of layer', config({rope_parameters: {full_attention: {}}}), /rope_parameters is .*, expected/],
    ['other pairs in rotations', config({rope_interleaved: true}), /rope_interleaved is true, expected none/],
    [
      'quantized weights',
      config({quantization_config: {bits: 4}}),
      /quantization_config is \{"bits":4\}, expected none/,
    ],
    ['a window', config({sliding_window: 4096}), /sliding_window is 4096, expected none/],
    ['code of its own', config({auto_map: {AutoModel: 'm.M'}}), /auto_map is .*, expected none/],
    [
      'sliding layers',
      config({layer_types: ['sliding_attention']}),
      /layer_types is \["sliding_attention"\], expected none/,
    ],
    ['scaled embeddings', config({embedding_multiplier: 12}), /embedding_multiplier is 12, expected none/],
    [
      'a default of untied weights',
      config({tie_word_embeddings: undefined}),
      /no tensor lm_head\.weight, expected one of shape \[96,16\]/,
    ],
    ['no architecture', config({model_type: undefined}), /model_type is undefined, expected .*"llama"/],
    ['an output layer of its own', config({tie_word_embeddings: false}), /no tensor lm_head\.weight, expected/],
    ['a tie that is none', config({tie_word_embeddings: 1}), /tie_word_embeddings is 1, expected true or false/],
    [
      'attention biases',
      config({attention_bias: true}),
      /no tensor model\.layers\.0\.self_attn\.q_proj\.bias, expected/,
    ],
    ['another activation', config({hidden_act: 'gelu'}), /hidden_act is "gelu"/],
    ['scaled positions', config({rope_scaling: {rope_type: 'llama3'}}), /rope_scaling is .*"llama3".*, expected/],
    ['positions that are none', config({rope_parameters: 'x'}), /rope_parameters is "x"/],
    ['a frequency base of 0', config({rope_parameters: {rope_theta: 0}}), /rope_theta is 0, expected a number above 0/],
    ['no epsilon', config({rms_norm_eps: 'x'}), /rms_norm_eps is "x"/],
    ['a negative size', config({hidden_size: -16}), /hidden_size is -16, expected a whole number from 1/],
    ['a fractional size', config({num_hidden_layers: 1.5}), /num_hidden_layers is 1\.5/],
    ['a size that is text', config({vocab_size: '96'}), /vocab_size is "96"/],
    ['a size of 10^15', config({intermediate_size: 1e15}), /intermediate_size is 1000000000000000, expected/],
    ['a billion layers', config({num_hidden_layers: 1e9}), /num_hidden_layers is 1000000000, expected .* to 1024/],
    ['sizes absurd together', config({hidden_size: 65536, num_hidden_layers: 1024}), /parameters, expected at most/],
    [
      'heads that do not share evenly',
      config({num_key_value_heads: 3}),
      /num_key_value_heads is 3, expected a divisor/,
    ],
    ['heads of odd size', config({head_dim: 3}), /head_dim is 3, expected an even number/],
    ['an end beyond the vocabulary', config({eos_token_id: 96}), /eos_token_id is 96/],
    ['a tokenizer that is no JSON', {'tokenizer.json': text('x')}, /^tokenizer\.json is not JSON/],
    ['a tokenizer that is none', {'tokenizer.json': text({})}, /^tokenizer\.json: model is undefined, expected one of/],
    ['a tokenizer that is null', {'tokenizer.json': text('null')}, /^tokenizer\.json is not a JSON object/],
    ['a larger tokenizer', config({vocab_size: 95}), /the token ".*" has the id 95, expected .* 0 to 94/],
    ['weights that are none', {'model.safetensors': text('x')}, /^model\.safetensors: 1 bytes/],
    [
      'weights larger than the config says',
      {'model.safetensors': new Uint8Array(2 ** 21)},
      /has 2097152 bytes, expected/,
    ],
    [
      'another width',
      config({hidden_size: 8, head_dim: 4}),
      /model\.embed_tokens\.weight has the shape \[96,16\], expected \[96,8\]/,
    ],
    [
      'an output layer unlike the embeddings',
      weights((all) => all.set('lm_head.weight', changed(copyOf(all, 'model.embed_tokens.weight')))),
      /^lm_head\.weight is another than model\.embed_tokens\.weight, expected tied embeddings/,
    ],
    [
      'F64 weights',
      weights((all) => all.set('model.norm.weight', {dtype: 'F64', shape: [16], data: new Uint8Array(128)})),
      /model\.norm\.weight is F64, expected F32, F16 or BF16/,
    ],
    [
      'a missing tensor',
      weights((all) => all.delete('model.norm.weight')),
      /no tensor model\.norm\.weight, expected .*\[16\]/,
    ],
    ['a missing layer', config({num_hidden_layers: 3}), /no tensor model\.layers\.2\.input_layernorm\.weight/],
    ['a layer too many', config({num_hidden_layers: 1}), /the tensor model\.layers\.1\.\S+ is no part of this model/],
    [
      'integers as weights',
      weights((all) => all.set('model.norm.weight', {dtype: 'I32', shape: [16], data: new Uint8Array(64)})),
      /model\.norm\.weight is I32, expected F32, F16 or BF16/,
    ],
  ])('refuses %s and leaves nothing behind', async (_, changes, message) => {
    const readings: string[] = [];
    const read: ReadFile = (name, limit) => {
      readings.push(name);
      return folderWith(changes)(name, limit);
    };
    await expect(loadModel('x', {read})).rejects.toThrow(message);
    expect(readings[0]).toBe('config.json');
  });
});
