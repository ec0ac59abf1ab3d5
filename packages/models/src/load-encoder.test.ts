import {readSafetensors, type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readEncoder as goldenReader} from '../golden/encoder-fixture.js';
import {readFamily} from '../golden/load-family.js';
import {
  loadClassifier,
  loadEncoder,
  loadMaskedModel,
  loadModel,
  loadMultipleChoice,
  loadSpanExtractor,
  type ReadFile,
} from './index.js';
import {listModels} from './list-models.js';
import {parameterCount, readArchitecture, readEncoder} from './read-architecture.js';

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  expect(Object.keys(tf.engine().registeredVariables)).toEqual([]);
});

const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

/** The same folder with other files. */
function withFiles(read: ReadFile, files: Record<string, Uint8Array>): ReadFile {
  return async (name, limit) => files[name] ?? read(name, limit);
}

/** The weights of a golden encoder as one file, by other names. */
async function oneFile(read: ReadFile, rename: (name: string) => string): Promise<ReadFile> {
  const index = JSON.parse(new TextDecoder().decode(await read('model.safetensors.index.json', 2 ** 20)));
  const tensors = new Map<string, StoredTensor>();
  for (const file of new Set<string>(Object.values(index.weight_map))) {
    for (const [name, tensor] of readSafetensors(await read(file, 2 ** 20)).tensors) tensors.set(rename(name), tensor);
  }
  return withFiles(read, {'model.safetensors': writeSafetensors({tensors})});
}

// The configs of published checkpoints, as they lie beside their weights, with the size of their poolers and of all.
const BERT = {
  ...{architectures: ['BertForMaskedLM'], attention_probs_dropout_prob: 0.1, gradient_checkpointing: false},
  ...{hidden_act: 'gelu', hidden_dropout_prob: 0.1, hidden_size: 768, initializer_range: 0.02, intermediate_size: 3072},
  ...{layer_norm_eps: 1e-12, max_position_embeddings: 512, model_type: 'bert', num_attention_heads: 12},
  ...{num_hidden_layers: 12, pad_token_id: 0, position_embedding_type: 'absolute', transformers_version: '4.6.0.dev0'},
  ...{type_vocab_size: 2, use_cache: true, vocab_size: 30522},
};
const CHINESE = {
  ...{...BERT, vocab_size: 21128, directionality: 'bidi', pooler_fc_size: 768, pooler_num_attention_heads: 12},
  ...{pooler_num_fc_layers: 3, pooler_size_per_head: 128, pooler_type: 'first_token_transform'},
};
const DISTILBERT = {
  ...{activation: 'gelu', architectures: ['DistilBertForMaskedLM'], attention_dropout: 0.1, dim: 768, dropout: 0.1},
  ...{hidden_dim: 3072, initializer_range: 0.02, max_position_embeddings: 512, model_type: 'distilbert', n_heads: 12},
  ...{n_layers: 6, pad_token_id: 0, qa_dropout: 0.1, seq_classif_dropout: 0.2, sinusoidal_pos_embds: false},
  ...{tie_weights_: true, transformers_version: '4.10.0.dev0', vocab_size: 30522},
};
const MINILM = {...BERT, hidden_size: 384, intermediate_size: 1536, num_hidden_layers: 6};

/** How many weights the list says that a model has, where it lists it. */
const listed = (name: string) => listModels().find(({id}) => id === name || id.endsWith(`/${name}`))?.parameters;

describe('readEncoder', () => {
  it.each<[string, object, number, number]>([
    ['bert-base-uncased', BERT, 768 * 769, 109_482_240],
    ['bert-base-chinese', CHINESE, 768 * 769, 102_267_648],
    ['all-MiniLM-L6-v2', MINILM, 384 * 385, 22_713_216],
    ['distilbert-base-uncased', DISTILBERT, 0, 66_362_880],
  ])('reads the config of %s', (name, config, pooler, parameters) => {
    expect(parameterCount(readEncoder(config)) + pooler).toBe(parameters);
    expect([parameters, undefined]).toContain(listed(name));
  });

  it.each<[string, object, string]>([
    ['a decoder', {...BERT, is_decoder: true}, 'is_decoder is true, expected false'],
    ['positions by distance', {...BERT, position_embedding_type: 'relative_key'}, 'expected "absolute"'],
    ['another activation', {...BERT, hidden_act: 'tanh'}, 'hidden_act is "tanh", expected "gelu" or'],
    ['heads that do not divide', {...BERT, num_attention_heads: 7}, 'a divisor of hidden_size, 768'],
    ['an attribute of RoBERTa', {...BERT, window: 3}, 'attributes that are not known here: window'],
    ['an output layer of its own', {...DISTILBERT, tie_word_embeddings: false}, 'tie_word_embeddings is false'],
    [
      'a decoder family',
      {model_type: 'gpt2'},
      'model_type is "gpt2", expected one of bert, distilbert; loadModel loads',
    ],
  ])('refuses %s', (_, config, message) => {
    expect(() => readEncoder(config)).toThrow(message);
  });

  it('is named by the loaders of other models', () => {
    expect(() => readArchitecture(BERT)).toThrow(/model_type is "bert", expected one of gemma3.*; loadEncoder loads/);
  });
});

describe('loadEncoder', () => {
  it('reads weights by whatever names checkpoints have for them', async () => {
    const read = await goldenReader('bert', ['pooler']);
    const plain = await loadEncoder('plain', {read});
    const values = new Map(Array.from(plain.weights, ([name, weight]) => [name, weight.dataSync()]));
    plain.dispose();
    for (const rename of [
      (name: string) => name.replace(/^bert\./, ''),
      (name: string) => name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
    ]) {
      const model = await loadEncoder('renamed', {read: await oneFile(read, rename), scope: 'a'});
      expect([...model.weights.keys()]).toEqual([...values.keys()]);
      for (const [name, weight] of model.weights) expect(weight.dataSync()).toEqual(values.get(name));
      expect(model.weights.get('embeddings.LayerNorm.bias')?.name).toBe('a/embeddings.LayerNorm.bias');
      model.dispose();
    }
  });

  it('leaves heads out, and a pooler that there is not', async () => {
    const model = await loadEncoder('masked', {read: await goldenReader('bert', ['masked', 'span'])});
    expect(model.weights.has('pooler.dense.weight')).toBe(false);
    expect(model.weights.size).toBe(5 + 2 * 16);
    model.dispose();
  });

  const modules = (...types: string[]) =>
    encode(
      types.map((type, idx) => ({idx, name: `${idx}`, path: idx ? `${idx}_${type}` : '', type: `s.models.${type}`})),
    );
  const pooling = (config: object) => encode({word_embedding_dimension: 8, ...config});
  const both = modules('Transformer', 'Pooling');

  it.each<[string, Record<string, Uint8Array>, object]>([
    ['nothing said', {}, {kind: 'mean', normalise: false}],
    [
      'flags',
      {'modules.json': both, '1_Pooling/config.json': pooling({pooling_mode_cls_token: true})},
      {kind: 'cls', normalise: false},
    ],
    [
      'a name',
      {'modules.json': both, '1_Pooling/config.json': pooling({pooling_mode: 'max'})},
      {kind: 'max', normalise: false},
    ],
    [
      'a normalisation',
      {
        'modules.json': modules('Transformer', 'Pooling', 'Normalize'),
        '1_Pooling/config.json': pooling({pooling_mode_mean_tokens: true, pooling_mode_max_tokens: false}),
      },
      {kind: 'mean', normalise: true},
    ],
  ])('pools as its files say: %s', async (_, files, expected) => {
    const read = withFiles(await goldenReader('bert', []), {
      ...files,
      'sentence_bert_config.json': encode({max_seq_length: 7, do_lower_case: false}),
    });
    const model = await loadEncoder('bert', {read});
    expect(model.pooling).toEqual(expected);
    expect(model.maxTokens).toBe(7);
    const [embedding] = await model.embed(['the cat sat on the mat and ran']);
    const norm = Math.hypot(...embedding);
    if (model.pooling.normalise) expect(norm).toBeCloseTo(1, 5);
    else expect(norm).not.toBeCloseTo(1, 2);
    model.dispose();
  });

  it.each<[string, Record<string, Uint8Array>, string]>([
    ['modules that are none', {'modules.json': encode({})}, 'modules.json is {}, expected an array of modules'],
    [
      'a path out of the folder',
      {'modules.json': encode([{type: 'a.Transformer', path: '../x'}])},
      'the path of a folder',
    ],
    [
      'a dense layer',
      {'modules.json': modules('Transformer', 'Pooling', 'Dense')},
      'expected Transformer, Pooling and',
    ],
    [
      'two poolings',
      {
        'modules.json': both,
        '1_Pooling/config.json': pooling({pooling_mode_cls_token: true, pooling_mode_mean_tokens: true}),
      },
      'pooling_mode is ["cls","mean"], expected cls, mean or max alone',
    ],
    [
      'another pooling',
      {'modules.json': both, '1_Pooling/config.json': pooling({pooling_mode_lasttoken: true})},
      'pooling_mode is ["pooling_mode_lasttoken"], expected',
    ],
    [
      'small letters',
      {'sentence_bert_config.json': encode({do_lower_case: true})},
      'do_lower_case is true, expected false',
    ],
  ])('refuses %s', async (_, files, message) => {
    const read = withFiles(await goldenReader('bert', []), files);
    await expect(loadEncoder('bert', {read})).rejects.toThrow(message);
  });

  it('refuses rows that are none', async () => {
    const model = await loadEncoder('bert', {read: await goldenReader('bert', [])});
    const {numTensors} = tf.memory();
    for (const [rows, message] of [
      [[], 'hidden: inputs have no rows'],
      [[[]], 'hidden: inputs: row 0 has 0 tokens, expected 1 to 20'],
      [[[1], Array(21).fill(1)], 'hidden: inputs: row 1 has 21 tokens'],
      [[[48]], 'hidden: inputs: row 0 has 48, expected a token id below 48'],
      [[{ids: [1, 2], tokenTypes: [0]}], 'row 0 has 1 tokenTypes, expected 2, one a token'],
      [[{ids: [1], tokenTypes: [2]}], 'row 0: tokenTypes has 2, expected a whole number below 2'],
      [['cat'], 'hidden: inputs is ["cat"], expected an array of rows'],
    ] as const) {
      expect(() => model.hidden(rows as never)).toThrow(message);
    }
    expect(() => model.pooled([[1]], 'pooler')).toThrow('bert has no pooler');
    expect(() => model.pooled([[1]], 'last' as never)).toThrow(
      'kind is "last", expected one of cls, mean, max, pooler',
    );
    expect(tf.memory().numTensors).toBe(numTensors);
    model.dispose();
  });
});

describe('a head', () => {
  it('is read only where the checkpoint says that it has it', async () => {
    const read = await goldenReader('bert', ['pooler', 'classification'], {
      architectures: ['BertForTokenClassification'],
    });
    const message =
      'architectures is ["BertForTokenClassification"], expected one that ends in ForSequenceClassification';
    await expect(loadClassifier('bert', {read})).rejects.toThrow(message);
    await expect(loadMultipleChoice('bert', {read})).rejects.toThrow("ForMultipleChoice, or head: 'new'");
    await expect(loadSpanExtractor('bert', {read})).rejects.toThrow('ForQuestionAnswering');
    await expect(loadMaskedModel('bert', {read})).rejects.toThrow('ForMaskedLM or ForPreTraining');
  });

  it('must be all there', async () => {
    const config = {architectures: ['BertForSequenceClassification']};
    const headless = await goldenReader('bert', ['pooler'], config);
    await expect(loadClassifier('bert', {read: headless})).rejects.toThrow('has no tensor classifier.weight');
    const two = await goldenReader('bert', ['pooler', 'classification'], {...config, id2label: {0: 'no', 1: 'yes'}});
    await expect(loadClassifier('bert', {read: two})).rejects.toThrow('classifier.weight has the shape [3,8]');
  });

  it('is made beside what the checkpoint has', async () => {
    const read = await goldenReader('bert', ['pooler', 'classification', 'span']);
    const model = await loadClassifier('bert', {read, head: 'new', labels: ['price'], seed: 3});
    expect(model.problem).toBe('regression');
    const names = [...model.weights.keys()].slice(-4);
    expect(names).toEqual([
      'bert.pooler.dense.weight',
      'bert.pooler.dense.bias',
      'classifier.weight',
      'classifier.bias',
    ]);
    const encoder = await loadEncoder('bert', {read, scope: 'encoder'});
    const pooler = model.weights.get('bert.pooler.dense.weight')?.dataSync();
    expect(pooler).toEqual(encoder.weights.get('pooler.dense.weight')?.dataSync());
    encoder.dispose();
    model.dispose();
  });

  it('takes the place of a language model’s output layer', async () => {
    const model = await loadClassifier('llama', {read: readFamily('llama'), head: 'new', labels: ['a', 'b']});
    expect(model.weights.has('lm_head.weight')).toBe(false);
    expect(model.weights.get('score.weight')?.shape).toEqual([2, 16]);
    model.dispose();
    await expect(loadSpanExtractor('llama', {read: readFamily('llama'), head: 'new'})).rejects.toThrow(
      'model_type is "llama", expected bert or distilbert, which can do this',
    );
  });

  it('refuses options and labels that are none', async () => {
    const read = await goldenReader('bert', []);
    const js = loadClassifier as (...given: unknown[]) => Promise<unknown>;
    await expect(js('bert', {read, head: 'old'})).rejects.toThrow('head is "old", expected one of new');
    await expect(js('bert', {read, labels: ['a']})).rejects.toThrow("labels are given, expected head: 'new' with them");
    await expect(js('bert', {read, head: 'new', labels: []})).rejects.toThrow('there are 0 labels, expected 1 to');
    await expect(js('', {read})).rejects.toThrow('loadClassifier: folder is ""');
    const model = await loadClassifier('bert', {read, head: 'new', labels: ['a', 'b', 'c']});
    const {numTensors} = tf.memory();
    const inputs = [[2, 5, 3]];
    expect(() => model.loss({inputs, labels: [3]})).toThrow(
      'the label of row 0 is 3, expected the index of one of 3 labels',
    );
    expect(() => model.loss({inputs, labels: [[0, 1, 0]]})).toThrow(
      'the label of row 0 is [0,1,0], expected the index',
    );
    expect(() => model.loss({inputs, labels: []})).toThrow('there are 0 labels, expected 1, one a row');
    expect(tf.memory().numTensors).toBe(numTensors);
    model.dispose();
    await expect(loadModel('bert', {read})).rejects.toThrow('loadEncoder loads this one');
  });
});
