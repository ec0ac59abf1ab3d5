import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {digestOf, inCharacters, offsetsGolden} from '../golden/offsets-fixture.js';
import {normalForm, PUNCTUATION, WHITE_SPACE, WORD} from './tokenizer/characters.js';
import {readNormalizer} from './tokenizer/normalizer.js';
import {createTokenizer} from './tokenizer.js';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8'));

interface Pair {
  first: string;
  second: string;
  special: boolean;
  most: number | null;
  ids: number[];
  tokenTypes: number[];
  sequenceIds: (0 | 1 | null)[];
  /** The second by itself. */
  alone: number[];
}

interface Golden {
  models: Record<string, object>;
  texts: string[];
  tokenizers: {
    name: string;
    parts: {model: string};
    size: number;
    ids: number[][];
    plainIds: number[][] | null;
    decoded: string[];
    drawn: {ids: number[]; decoded: string}[];
    pairs: Pair[];
  }[];
}
const {models, texts, tokenizers} = read('tokenizers.json') as Golden;
const whole = (parts: {model: string}) => ({
  ...{version: '1.0', truncation: null, padding: null},
  ...parts,
  model: models[parts.model],
});

/**
 * Of how many texts the Python library gives other places, for it counts on from the last token: where characters have no
 * token, what follows is that much too early, and of bytes that have none too.
 */
const SHIFTED = new Map([
  ['none unknown', 38],
  ['Llama 2, few bytes', 3],
]);

describe('texts of the Python library', () => {
  it.each(tokenizers)('$name', ({name, parts, size, ids, plainIds, decoded, drawn, pairs}) => {
    const tokenizer = createTokenizer(whole(parts), size);
    for (const [i, text] of texts.entries()) {
      const plain = plainIds ?? ids;
      expect([text, ...tokenizer.encode(text)]).toEqual([text, ...ids[i]]);
      expect([text, ...tokenizer.encode(text, {addSpecialTokens: false})]).toEqual([text, ...plain[i]]);
      expect([text, tokenizer.decode(plain[i])]).toEqual([text, decoded[i]]);
    }
    for (const {first, second, special, most, alone, ...expected} of pairs) {
      const options = {addSpecialTokens: special, ...(most !== null && {maxTokens: most})};
      expect([first, second, tokenizer.encodePair(first, second, options)]).toEqual([first, second, expected]);
      expect([second, ...tokenizer.encode(second, options)]).toEqual([second, ...alone]);
    }
    const digests = offsetsGolden.fixtures[name];
    const elsewhere = texts.filter((text, i) => {
      const encoding = tokenizer.encodeWithOffsets(text);
      expect(encoding.ids).toEqual(ids[i]);
      return digestOf(inCharacters(encoding, text), 6) !== digests.slice(6 * i, 6 * i + 6);
    });
    expect(elsewhere.length).toBe(SHIFTED.get(name) ?? 0);
    for (const each of drawn) expect([each.ids, tokenizer.decode(each.ids)]).toEqual([each.ids, each.decoded]);
  });

  const tiny = read('golden.json') as {texts: {text: string; ids: number[]; plainIds: number[]; decoded: string}[]};
  const tokenizer = createTokenizer(read('tiny-llama/tokenizer.json'), 96);
  it.each(tiny.texts)('tiny-llama: $text', ({text, ids, plainIds, decoded}) => {
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.encode(text, {addSpecialTokens: false})).toEqual(plainIds);
    expect(tokenizer.decode(ids)).toBe(decoded);
  });
});

describe('characters of the Python library', () => {
  const golden = read('characters.json');
  const points: number[] = golden.assigned.flatMap(pointsOf);

  function pointsOf([first, last]: [number, number]): number[] {
    return Array.from({length: last - first + 1}, (_, i) => first + i);
  }

  it.each([
    ['numeric', '\\p{N}'],
    ['punctuation', PUNCTUATION],
    ['whiteSpace', WHITE_SPACE],
    ['noWord', `(?!${WORD})[^]`],
  ])('%s', (name, source) => {
    const regex = new RegExp(`^${source}$`, 'u');
    const found = points.filter((point) => regex.test(String.fromCodePoint(point)));
    expect(found).toEqual(golden[name].flatMap(pointsOf));
  });

  const hash = (normalize: (text: string) => string) => {
    const shapes = [(character: string) => character, (character: string) => `q\u0315${character}\u0300\u0323`];
    const lines = shapes.flatMap((shape) => points.map((point) => normalize(shape(String.fromCodePoint(point)))));
    return createHash('sha256').update(lines.join('\n')).digest('hex');
  };
  it.each(['NFC', 'NFD', 'NFKC', 'NFKD'] as const)('%s', (form) => {
    expect(hash((text) => normalForm(text, form))).toBe(golden.sha256[form]);
  });
  it.each([
    ['BERT', true, null],
    ['BERT, cased', false, null],
    ['BERT, stripped', false, true],
  ])('%s', (name, lowercase, strip_accents) => {
    const json = {type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents, lowercase};
    const {normalize} = readNormalizer('n', json);
    expect(hash((text) => normalize({text}).text)).toBe(golden.sha256[name]);
  });
  it('lower case', () => {
    const {normalize} = readNormalizer('n', {type: 'Lowercase'});
    expect(hash((text) => normalize({text}).text)).toBe(golden.sha256.Lowercase);
  });
});

describe('the tokenizer', () => {
  const json = read('tiny-llama/tokenizer.json');
  const tokenizer = createTokenizer(json, 96);

  it('refuses ids that no token has', () => {
    for (const id of [-1, 96, 1.5, Number.NaN]) {
      expect(() => tokenizer.decode([5, id])).toThrow(`tokenizer.json: a token to decode has the id ${id}, expected`);
    }
    expect(() => tokenizer.decode([5], {skipSpecial: false} as never)).toThrow(
      'decode: there is no option "skipSpecial"',
    );
    expect(() => tokenizer.decode(['5' as never])).toThrow('a token to decode has the id "5", expected');
  });

  it('reads a lone surrogate as U+FFFD', () => {
    for (const text of ['\ud800', 'a\udc00b']) {
      expect(tokenizer.encode(text)).toEqual(tokenizer.encode(text.replace(/\p{Cs}/u, '\ufffd')));
    }
  });

  it('takes added tokens that the model has no embedding for, until they stand in a text', () => {
    const pad = {...json.added_tokens[0], id: 96, content: '[PAD]'};
    const padded = createTokenizer({...json, added_tokens: [...json.added_tokens, pad]}, 96);
    expect(padded.encode('Where?')).toEqual(tokenizer.encode('Where?'));
    expect(() => padded.encode('Where?[PAD]')).toThrow(
      'tokenizer.json: the text has the token "[PAD]" of id 96, for which the model has no embedding',
    );
    expect(() => padded.decode([96])).toThrow('has the id 96, expected a whole number from 0 to 95');
    expect(createTokenizer({...json, added_tokens: [...json.added_tokens, pad]}, 97).encode('[PAD]')).toEqual([1, 96]);
  });

  it('is cut and filled by nobody, as in transformers', () => {
    const padding = {strategy: {Fixed: 20}, direction: 'Right', pad_id: 0, pad_type_id: 0, pad_token: '<pad>'};
    const truncation = {direction: 'Right', max_length: 2, strategy: 'LongestFirst', stride: 0};
    expect(createTokenizer({...json, padding, truncation}, 96).encode('Where?')).toEqual(tokenizer.encode('Where?'));
  });

  it('refuses ids that are none', () => {
    const added = (id: unknown) => ({...json, added_tokens: [{...json.added_tokens[0], id}]});
    const inVocabulary = (id: unknown) => ({...json, model: {...json.model, vocab: {...json.model.vocab, far: id}}});
    for (const [id, shown] of [
      [4e9, '4000000000'],
      [-1, '-1'],
      ['1', '"1"'],
      [null, 'null'],
      [undefined, 'undefined'],
      [{toString: 1}, '{"toString":1}'],
      [nested(6000), '[[[[…]]]]'],
    ]) {
      expect(() => createTokenizer(added(id), 96)).toThrow(`the token "<pad>" has the id ${shown}, expected`);
      expect(() => createTokenizer(inVocabulary(id), 96)).toThrow(`the token "far" has the id ${shown}, expected`);
    }
    expect(() => createTokenizer(inVocabulary(95), 96)).toThrow('two tokens of vocab have the same id');
    const vocab = ['a', 'b'].map((piece) => [piece, 0]);
    const unigram = {...json, added_tokens: [], post_processor: null, model: {type: 'Unigram', unk_id: 0, vocab}};
    expect(() => createTokenizer(unigram, 1)).toThrow('the token "b" has the id 1, expected');
  });

  it('writes nothing to a prototype', () => {
    const vocab = JSON.parse(`{"__proto__": 96, ${JSON.stringify(json.model.vocab).slice(1)}`);
    createTokenizer({...json, model: {...json.model, vocab}}, 97);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).content).toBeUndefined();
  });

  it('takes long texts', () => {
    const long = 'Where do you live? '.repeat(2000);
    for (const {parts, size} of tokenizers) {
      expect(createTokenizer(whole(parts), size).encode(long).length).toBeGreaterThan(2000);
    }
    expect(tokenizer.encode('x'.repeat(1_000_000)).length).toBeGreaterThan(0);
    expect(tokenizer.encode(' '.repeat(1_000_000)).length).toBeGreaterThan(0);
  });
});

/** Arrays in arrays. */
function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth));
}
