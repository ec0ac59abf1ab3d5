import {readFileSync} from 'node:fs';
import {Tokenizer} from '@huggingface/tokenizers';
import {describe, expect, it} from 'vitest';
import {encodePair, type PairTokenizer, prompt} from './translation-example.js';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8'));
const golden: {rows: {source: string; target: string; ids: number[]; sourceLength: number}[]} =
  read('translation-example.json');
const huggingFace = new Tokenizer(read('tokenizer.json'), {});
const tokenizer: PairTokenizer = {
  encode: (text, {addSpecialTokens = true} = {}) =>
    huggingFace.encode(text, {add_special_tokens: addSpecialTokens}).ids,
};
const format = {separator: '<de>', end: '</s>'};

describe('encodePair', () => {
  it.each(golden.rows)('gives the ids of the Python tokenizers: $source', ({source, target, ids, sourceLength}) => {
    expect(encodePair({source, target}, tokenizer, format)).toEqual({ids, sourceLength});
  });

  it('starts with the ids of the prompt', () => {
    for (const {source, target} of golden.rows) {
      const {ids, sourceLength} = encodePair({source, target}, tokenizer, format);
      expect(tokenizer.encode(prompt(source, format))).toEqual(ids.slice(0, sourceLength));
    }
  });

  it('refuses special tokens inside a pair', () => {
    expect(() => encodePair({source: 'a<de>b', target: 'c'}, tokenizer, format)).toThrow(
      'the source "a<de>b" holds the special token <de>',
    );
    expect(() => encodePair({source: 'a', target: 'c</s>'}, tokenizer, format)).toThrow(
      'the target "c</s>" holds the special token </s>',
    );
  });

  it('refuses a format that the tokenizer does not know', () => {
    const pair = {source: 'a', target: 'b'};
    expect(() => encodePair(pair, tokenizer, {separator: '<fr>', end: '</s>'})).toThrow('to know <fr> as one token');
    expect(() => encodePair(pair, tokenizer, {separator: '<de>', end: 'END'})).toThrow('to know END as one token');
    expect(() => prompt('a', {separator: '', end: '</s>'})).toThrow(
      'prompt: format: separator is "", expected a string that is not empty',
    );
  });

  it('refuses a tokenizer that puts tokens after the separator', () => {
    const closing: PairTokenizer = {
      encode: (text, {addSpecialTokens = true} = {}) => [
        ...tokenizer.encode(text, {addSpecialTokens}),
        ...(addSpecialTokens ? [1] : []),
      ],
    };
    expect(() => encodePair({source: 'a', target: 'b'}, closing, format)).toThrow(
      "the prompt's ids end in 1, expected 3",
    );
  });
});
