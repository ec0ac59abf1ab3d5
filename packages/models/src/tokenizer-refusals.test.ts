import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {createTokenizer} from './tokenizer.js';

const json = JSON.parse(readFileSync(new URL('../golden/tiny-llama/tokenizer.json', import.meta.url), 'utf8'));
const sequence = (field: string, parts: unknown[]) => ({type: 'Sequence', [field]: parts});
const replace = (text: string, content: unknown) => ({type: 'Replace', pattern: {String: text}, content});
const splitBy = (Regex: unknown) => ({type: 'Split', pattern: {Regex}, behavior: 'Isolated', invert: false});
const deep = (field: string, depth: number): unknown => {
  let part: unknown = {type: 'Fuse'};
  for (let i = 0; i < depth; i++) part = sequence(field, [part]);
  return part;
};
const brackets = JSON.parse('['.repeat(6000) + ']'.repeat(6000));
const bert = (change: object) => ({
  ...{type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true},
  ...change,
});
const template = (change: object) => ({post_processor: {...json.post_processor, ...change}});
const model = (change: object) => ({model: {...json.model, ...change}});
const added = (change: object) => ({added_tokens: [{...json.added_tokens[0], ...change}]});
const unigram = (change: object) => ({
  ...{added_tokens: [], post_processor: null},
  model: {type: 'Unigram', unk_id: 0, byte_fallback: false, vocab: [['a', 0]], ...change},
});
const wordPiece = (change: object) => ({
  ...{added_tokens: [], post_processor: null},
  model: {
    ...{type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100},
    ...{vocab: {'[UNK]': 0}, ...change},
  },
});

describe('a tokenizer.json that cannot be read as Python does is refused by name', () => {
  it.each<[name: string, change: object, message: string]>([
    ['a part more', {extra: 1}, 'tokenizer.json: there is no option "extra" (1), expected version'],
    ['no model', {model: undefined}, 'tokenizer.json: model is undefined, expected one of BPE, Unigram, WordPiece'],
    ['another model', model({type: 'WordLevel'}), 'model has the type "WordLevel", expected one of BPE'],
    ['no type', model({type: undefined}), 'model has the type undefined, expected one of BPE'],
    [
      'a normalizer of bytes',
      {normalizer: {type: 'ByteLevel'}},
      'normalizer has the type "ByteLevel", expected one of',
    ],
    ['BERT of half a mind', {normalizer: bert({lowercase: null})}, 'lowercase is null, expected true or false'],
    [
      'BERT with accents of 1',
      {normalizer: bert({strip_accents: 1})},
      'strip_accents is 1, expected true, false or null',
    ],
    ['a normalizer that is text', {normalizer: 'NFC'}, 'tokenizer.json: normalizer is "NFC", expected one of NFC'],
    ['nested brackets', {normalizer: brackets}, 'tokenizer.json: normalizer is [[[[…]]]], expected one of NFC'],
    ['a type of brackets', {decoder: {type: brackets}}, 'decoder has the type [[[[…]]]], expected one of'],
    ['an option more', {normalizer: {type: 'NFC', x: 1}}, 'normalizer: there is no option "x" (1), expected type'],
    [
      'one in a sequence',
      {normalizer: sequence('normalizers', [{type: 'NFC'}, {type: 'Nmt'}])},
      'tokenizer.json: normalizer.normalizers[1] has the type "Nmt", expected',
    ],
    ['a sequence of none', {normalizer: {type: 'Sequence', normalizers: {}}}, 'normalizers is {}, expected an array'],
    [
      'e → 1000 e four times',
      {normalizer: sequence('normalizers', Array(4).fill(replace('e', 'e'.repeat(1000))))},
      'tokenizer.json: normalizer may make a text 1000000000000 times as long, expected at most 64 times',
    ],
    [
      'a long beginning, twice',
      {normalizer: sequence('normalizers', Array(2).fill({type: 'Prepend', prepend: 'x'.repeat(100)}))},
      'normalizer may make a text 10201 times as long',
    ],
    ['a content of a megabyte', {normalizer: replace('e', 'e'.repeat(2 ** 20))}, 'expected a short text'],
    ['a content that is none', {normalizer: replace('e', {})}, 'content is {}, expected a short text'],
    [
      'an empty pattern',
      {normalizer: replace('', 'e')},
      'normalizer: pattern: String is "", expected a text, not empty',
    ],
    ['sequences in sequences', {normalizer: deep('normalizers', 5000)}, 'normalizer has more than 64 parts'],
    ['5000 parts', {decoder: sequence('decoders', Array(5000).fill({type: 'Fuse'}))}, 'decoder has more than 64 parts'],
    [
      'a regular expression that hangs',
      {pre_tokenizer: splitBy('(x+x+)+y')},
      'tokenizer.json: pre_tokenizer: pattern: the regular expression "(x+x+)+y" is not one of those that are known here',
    ],
    ['one that is none', {pre_tokenizer: splitBy('(')}, 'the regular expression "(" is not one of those'],
    ['one that is no text', {pre_tokenizer: splitBy(1)}, 'pattern: Regex is 1, expected a text, not empty'],
    [
      'a behavior',
      {pre_tokenizer: {...splitBy('\\s'), behavior: 'isolated'}},
      'behavior is "isolated", expected one of',
    ],
    ['scripts', {pre_tokenizer: {type: 'UnicodeScripts'}}, 'pre_tokenizer has the type "UnicodeScripts", expected'],
    [
      'a Metaspace of two minds',
      {pre_tokenizer: {type: 'Metaspace', replacement: '▁', add_prefix_space: false}},
      'add_prefix_space is false, expected true where prepend_scheme is "always"',
    ],
    [
      'a Metaspace that cannot see the first character',
      {
        normalizer: {type: 'Strip', strip_left: true, strip_right: false},
        pre_tokenizer: {type: 'Metaspace', replacement: '▁', prepend_scheme: 'first'},
      },
      'prepend_scheme is "first" after a normalizer that takes characters away',
    ],
    [
      'a template of texts',
      template({single: ['']}),
      'single is [""], expected an array of {SpecialToken} and {Sequence}',
    ],
    ['a template that is none', template({single: {}}), 'single is {}, expected an array of {SpecialToken}'],
    ['a template without text', template({single: []}), 'single has the text 0 times, expected it once'],
    [
      'a template with B',
      template({single: [{Sequence: {id: 'B', type_id: 0}}]}),
      'single: 0 is {"Sequence":{"id":"B","type_id":0}}, expected a special token or the sequence A',
    ],
    ['a template of a pair of one', template({pair: json.post_processor.single}), 'pair has the text B 0 times'],
    [
      'a template without kinds',
      template({single: [{Sequence: {id: 'A'}}]}),
      'single: 0 is {"Sequence":{"id":"A"}}, expected a special token or the sequence A',
    ],
    ['a template of unknown tokens', template({special_tokens: {}}), 'special_tokens has no ids for "<s>"'],
    [
      'a template beyond the embeddings',
      template({special_tokens: {'<s>': {id: '<s>', ids: [96], tokens: ['<s>']}}}),
      'the token "<s>" has the id 96, expected a whole number from 0 to 95',
    ],
    [
      'a template of a million tokens',
      template({single: Array(1_000_000).fill(json.post_processor.single[0])}),
      'single has more than 1000 tokens',
    ],
    [
      'two templates',
      {post_processor: sequence('processors', [json.post_processor, json.post_processor])},
      'post_processor adds tokens 2 times, expected one part that does',
    ],
    ['a decoder of speech', {decoder: {type: 'CTC'}}, 'decoder has the type "CTC", expected one of BPEDecoder'],
    [
      'a decoder that grows',
      {decoder: sequence('decoders', Array(4).fill(replace('e', 'e'.repeat(1000))))},
      'decoder may make a token 1000000000000 times as long',
    ],
    ['dropout', model({dropout: 0.1}), 'model: dropout is 0.1, expected null'],
    [
      'a prefix of pieces',
      model({continuing_subword_prefix: '##'}),
      'continuing_subword_prefix is "##", expected null',
    ],
    ['an end of words', model({end_of_word_suffix: '</w>'}), 'end_of_word_suffix is "</w>", expected null'],
    ['an unknown unknown', model({unk_token: '<none>'}), 'unk_token is "<none>", expected a token of vocab'],
    ['merges that are none', model({merges: {}}), 'merges is {}, expected an array of at most'],
    ['a merge of one', model({merges: [['a']]}), 'merge 0 is ["a"], expected two tokens'],
    ['a merge of numbers', model({merges: [[1, 2]]}), 'merge 0 is [1,2], expected two tokens'],
    ['a merge of three', model({merges: ['a b c']}), 'merge 0 is "a b c", expected two tokens'],
    ['a merge to nothing', model({merges: [['y', 'y']]}), 'merge 0 is ["y","y"], expected tokens of vocab that make'],
    ['a vocabulary that is none', model({vocab: [['a', 0]]}), 'vocab is [["a",0]], expected an object of tokens'],
    ['no unknown piece', unigram({unk_id: null}), 'unk_id is null, expected a whole number of at least 0'],
    ['an unknown piece beyond', unigram({unk_id: 1}), 'unk_id is 1, expected less than the 1 entries of vocab'],
    ['no pieces', unigram({vocab: []}), 'vocab is [], expected an array of pieces with scores'],
    ['a piece without score', unigram({vocab: [['a']]}), 'vocab: 0 is ["a"], expected a text of 1 to 128 characters'],
    ['a score that is none', unigram({vocab: [['a', null]]}), 'vocab: 0 is ["a",null], expected a text of 1 to 128'],
    ['a long piece', unigram({vocab: [['a'.repeat(129), 0]]}), 'expected a text of 1 to 128 characters and a score'],
    ['long words', wordPiece({max_input_chars_per_word: 1e9}), 'max_input_chars_per_word is 1000000000, expected'],
    ['no unknown word', wordPiece({unk_token: '?'}), 'unk_token is "?", expected a token of vocab'],
    ['no added tokens', {added_tokens: undefined}, 'added_tokens is undefined, expected an array of tokens'],
    ['an added token of no text', added({content: ''}), 'added_tokens[0]: content is "", expected a text of 1 to 256'],
    ['an added token without flags', added({lstrip: undefined}), 'added_tokens[0]: lstrip is undefined, expected true'],
    ['one of an id that Python changes', added({content: '[A]', id: 97}), 'token "[A]" has the id 97, expected 96'],
    [
      'an added token twice',
      {added_tokens: [json.added_tokens[0], json.added_tokens[0]]},
      'added_tokens has "<pad>" twice, expected it once',
    ],
  ])('%s', (_, change, message) => {
    let error: unknown;
    try {
      createTokenizer({...json, ...change}, 96);
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toContain(message);
    expect(String(error)).toMatch(/^Error: tokenizer\.json\b/);
    expect(String(error).length).toBeLessThan(600);
  });
});
