import type {MetadataValue} from '@subset-tuning/gguf';
import {describe, expect, it} from 'vitest';
import {fixture, golden} from '../../golden/gguf-fixture.js';
import {createTokenizer} from '../tokenizer.js';
import {tokenizerJson} from './tokenizer-json.js';

describe('a vocabulary', () => {
  it.each(['byte-level', 'sentencepiece'])('%s gives the ids of transformers', async (kind) => {
    const {fields, tensors} = await fixture(kind);
    const tokenizer = createTokenizer(tokenizerJson(fields), tensors.get('token_embd.weight')?.shape[0] ?? 0);
    const {texts} = golden[kind];
    expect(texts.length).toBeGreaterThan(140);
    for (const {text, ids, plainIds, decoded} of texts) {
      expect([text, ...tokenizer.encode(text)]).toEqual([text, ...ids]);
      expect([text, ...tokenizer.encode(text, {addSpecialTokens: false})]).toEqual([text, ...plainIds]);
      expect([text, tokenizer.decode(plainIds)]).toEqual([text, decoded]);
    }
  });

  it.each(['gpt-2', 'llama-bpe'])('is split by %s as in transformers', async (pre) => {
    const {fields} = await fixture('byte-level', {'tokenizer.ggml.pre': pre});
    const tokenizer = createTokenizer(tokenizerJson(fields), 352);
    for (const [i, ids] of golden.preTokenizers[pre].entries()) {
      const {text} = golden['byte-level'].texts[i];
      expect([text, ...tokenizer.encode(text)]).toEqual([text, ...ids]);
    }
  });

  it('may ask for tokens around every text, and for no space before it', async () => {
    const both = {'tokenizer.ggml.add_bos_token': true, 'tokenizer.ggml.add_eos_token': true};
    const {fields} = await fixture('sentencepiece', {...both, 'tokenizer.ggml.add_space_prefix': false});
    const tokenizer = createTokenizer(tokenizerJson(fields), 379);
    const plain = tokenizer.encode('a b', {addSpecialTokens: false});
    expect(tokenizer.encode('a b')).toEqual([1, ...plain, 2]);
    expect(tokenizer.decode(plain)).toBe('a b');
    const {fields: onlyAfter} = await fixture('byte-level', {'tokenizer.ggml.add_eos_token': true});
    expect(createTokenizer(tokenizerJson(onlyAfter), 352).encode('').at(-1)).toBe(2);
    const {fields: llama3} = await fixture('byte-level', {
      ...{'tokenizer.ggml.pre': 'llama-bpe', 'tokenizer.ggml.add_bos_token': undefined},
    });
    expect(createTokenizer(tokenizerJson(llama3), 352).encode('')).toEqual([1]);
  });

  it.each<[kind: string, changes: Record<string, MetadataValue | undefined>, message: string]>([
    ['byte-level', {'tokenizer.ggml.model': 't5'}, '"tokenizer.ggml.model" is "t5", expected one of gpt2, llama'],
    ['byte-level', {'tokenizer.ggml.model': undefined}, '"tokenizer.ggml.model" is undefined, expected one of'],
    [
      'byte-level',
      {'tokenizer.ggml.pre': 'viking'},
      '"tokenizer.ggml.pre" is "viking", expected one of gpt-2, smollm,',
    ],
    [
      'byte-level',
      {'tokenizer.ggml.tokens': ['a', 'b', 'a']},
      '"tokenizer.ggml.tokens" has "a" twice, expected it once',
    ],
    [
      'byte-level',
      {'tokenizer.ggml.tokens': Int8Array.of(1)},
      '"tokenizer.ggml.tokens" is an Int8Array of 1 bytes, expected',
    ],
    [
      'byte-level',
      {'tokenizer.ggml.merges': undefined},
      '"tokenizer.ggml.merges" is undefined, expected an array of strings',
    ],
    ['byte-level', {'tokenizer.ggml.merges': ['a b c']}, 'm.gguf: model: merge 0 is "a b c", expected two tokens'],
    [
      'byte-level',
      {'tokenizer.ggml.token_type': Int32Array.of(1)},
      '"tokenizer.ggml.token_type" has 1 types, expected 352',
    ],
    ['byte-level', {'tokenizer.ggml.token_type': [1]}, '"tokenizer.ggml.token_type" is [1], expected a Int32Array'],
    ['byte-level', {'tokenizer.ggml.add_bos_token': 1}, '"tokenizer.ggml.add_bos_token" is 1, expected true or false'],
    [
      'sentencepiece',
      {'tokenizer.ggml.bos_token_id': undefined},
      'there is no tokenizer.ggml.bos_token_id, expected one',
    ],
    [
      'sentencepiece',
      {'tokenizer.ggml.bos_token_id': 379},
      '"tokenizer.ggml.bos_token_id" is 379, expected an id below 379',
    ],
    ['sentencepiece', {'tokenizer.ggml.scores': Float32Array.of(1)}, '"tokenizer.ggml.scores" has 1, expected 379'],
    [
      'sentencepiece',
      {'tokenizer.ggml.scores': new Float32Array(379).fill(Number.NaN)},
      '"tokenizer.ggml.scores" has NaN at 0',
    ],
  ])('of %s is refused with %o', async (kind, changes, message) => {
    const {fields} = await fixture(kind, changes);
    expect(() => createTokenizer(tokenizerJson(fields), 379, 'm.gguf')).toThrow(message);
  });

  it('of SentencePiece that stands for too many merges is refused', async () => {
    const tokens = ['<unk>', '<s>', '</s>'];
    for (let length = 1, last = ['']; length <= 17; length++) {
      last = last.flatMap((word) => [`${word}a`, `${word}b`]);
      for (const word of last) tokens.push(word);
    }
    const scores = new Float32Array(tokens.length);
    const {fields} = await fixture('sentencepiece', {
      ...{'tokenizer.ggml.tokens': tokens, 'tokenizer.ggml.scores': scores, 'tokenizer.ggml.token_type': undefined},
    });
    expect(() => tokenizerJson(fields)).toThrow('stand for more than 2097152 merges, expected at most that');
  });
});
