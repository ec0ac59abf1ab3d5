import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {createTokenizer} from './tokenizer.js';

const folder = new URL('../golden/', import.meta.url);
const json = JSON.parse(readFileSync(new URL('tiny-llama/tokenizer.json', folder), 'utf8'));
const {texts} = JSON.parse(readFileSync(new URL('golden.json', folder), 'utf8')) as {
  texts: {text: string; ids: number[]; plainIds: number[]; decoded: string}[];
};
const tokenizer = createTokenizer(json, 96);

describe('the tokenizer', () => {
  it.each(texts)('encodes and decodes $text as the Python library does', ({text, ids, plainIds, decoded}) => {
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.encode(text, {addSpecialTokens: false})).toEqual(plainIds);
    expect(tokenizer.decode(ids)).toBe(decoded);
  });

  it('refuses ids that no token has', () => {
    for (const id of [-1, 96, 1.5, Number.NaN]) {
      expect(() => tokenizer.decode([5, id])).toThrow(`tokenizer.json: a token to decode has the id ${id}, expected`);
    }
  });

  it('refuses texts that it has no token for', () => {
    const strict = createTokenizer({...json, model: {...json.model, unk_token: '<none>'}}, 96);
    expect(() => strict.encode('日')).toThrow('a token of "日" has the id undefined');
  });

  it('refuses ids that would make a long array of it', () => {
    const added = (id: unknown) => ({...json, added_tokens: [{...json.added_tokens[0], id}]});
    const inVocabulary = (id: unknown) => ({...json, model: {...json.model, vocab: {...json.model.vocab, far: id}}});
    for (const id of [4e9, -1, '1', null, undefined]) {
      expect(() => createTokenizer(added(id), 96)).toThrow(`the token "<pad>" has the id ${id}, expected`);
      expect(() => createTokenizer(inVocabulary(id), 96)).toThrow(`the token "far" has the id ${id}, expected`);
    }
    const unigram = {
      ...json,
      added_tokens: [],
      model: {
        type: 'Unigram',
        unk_id: 0,
        vocab: [
          ['a', 0],
          ['b', 0],
        ],
      },
    };
    expect(() => createTokenizer(unigram, 1)).toThrow('the token "b" has the id 1, expected');
  });

  it('writes nothing to a prototype', () => {
    const vocab = JSON.parse(`{"__proto__": 5, ${JSON.stringify(json.model.vocab).slice(1)}`);
    createTokenizer({...json, model: {...json.model, vocab}}, 97);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).content).toBeUndefined();
  });
});
