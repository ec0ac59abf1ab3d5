import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {createTokenizer, type Tokenizer} from '../tokenizer.js';
import {Answer} from './answer.js';

interface Golden {
  models: Record<string, object>;
  texts: string[];
  tokenizers: {name: string; parts: {model: string}; size: number; drawn: {ids: number[]}[]}[];
}
const read = (name: string) => JSON.parse(readFileSync(new URL(`../../golden/${name}`, import.meta.url), 'utf8'));
const {models, texts, tokenizers} = read('tokenizers.json') as Golden;
const tokenizerOf = ({parts, size}: Golden['tokenizers'][number]) =>
  createTokenizer({version: '1.0', truncation: null, padding: null, ...parts, model: models[parts.model]}, size);

/** The pieces and the whole of the answer that consists of these tokens, as far as it goes. */
function answerOf(tokenizer: Tokenizer, ids: readonly number[], stopTexts: readonly string[] = [], isWatched = true) {
  const answer = new Answer(tokenizer, {maxTokens: ids.length, ids: [], texts: stopTexts}, isWatched);
  const pieces: string[] = [];
  let used = 0;
  for (let goesOn = true; goesOn; used++) {
    goesOn = answer.push(ids[used]);
    pieces.push(answer.take());
  }
  return {pieces, text: answer.text, used};
}

/** The text before the one that is first complete. */
function cut(text: string, ends: readonly string[]): string {
  for (let end = 0; end <= text.length; end++) {
    const found = ends.filter((stop) => text.slice(0, end).endsWith(stop)).map(({length}) => length);
    if (found.length > 0) return text.slice(0, end - Math.max(...found));
  }
  return text;
}

describe('an answer', () => {
  // A decoder of words puts spaces by what stands around a token, and is no part of a model that generates.
  const all = tokenizers.filter(({parts}) => JSON.stringify(parts).includes('"WordPiece"') === false);

  it.each(all)('comes in pieces that are its text: $name', (golden) => {
    const tokenizer = tokenizerOf(golden);
    const hasBytes = JSON.stringify(golden.parts).includes('"ByteFallback"');
    const rows = [...texts.map((text) => tokenizer.encode(text)), ...golden.drawn.map(({ids}) => ids)];
    let compared = 0;
    for (const ids of rows.filter(({length}) => length > 0)) {
      // Bytes that make no character, which `decode` sees in others than those that came last.
      if (hasBytes && tokenizer.decode(ids).includes('\ufffd')) continue;
      compared++;
      const {pieces, text} = answerOf(tokenizer, ids);
      expect(text).toBe(tokenizer.decode(ids));
      expect(pieces.join('')).toBe(text);
    }
    expect(compared).toBeGreaterThan(texts.length / 2);
  });

  it('comes in whole characters, though a token is a part of one', () => {
    const golden = tokenizers.find(({name}) => name === 'SmolLM2');
    if (!golden) throw new Error('no such tokenizer');
    const tokenizer = tokenizerOf(golden);
    const text = 'naïve 日本語 🙂👩‍👩‍👧 end';
    const ids = tokenizer.encode(text);
    const {pieces} = answerOf(tokenizer, ids);
    expect(pieces.join('')).toBe(text);
    expect(pieces.filter((piece) => piece === '').length).toBeGreaterThan(5);
    for (const piece of pieces) expect(piece).not.toMatch(/\p{Surrogate}|\ufffd/u);
    // What the tokens cut off is written as decode writes it, at the end.
    const broken = ids.slice(0, ids.length - tokenizer.encode(' end').length - 1);
    const {pieces: some} = answerOf(tokenizer, broken);
    expect(some.join('')).toBe(tokenizer.decode(broken));
    expect(some.at(-1)).toContain('\ufffd');
  });

  it.each([
    [['you']],
    [['u? W']],
    [['wohnst du? I don', 'st d']],
    [['not there']],
    [["don't know what you mean, he"]],
    [['Where']],
    [['Cas', 'Castle', 'tle']],
    [['é', ' ']],
    [['\n', 'mean', 'what you mean', 'an']],
  ])('ends before %o, whatever the tokens are', (stopTexts) => {
    for (const golden of all) {
      const tokenizer = tokenizerOf(golden);
      for (const text of texts) {
        const ids = tokenizer.encode(text, {addSpecialTokens: false});
        if (ids.length === 0) continue;
        const wanted = cut(tokenizer.decode(ids), stopTexts);
        const {pieces, text: made, used} = answerOf(tokenizer, ids, stopTexts);
        expect([golden.name, text, made]).toEqual([golden.name, text, wanted]);
        expect(pieces.join('')).toBe(wanted);
        expect(answerOf(tokenizer, ids, stopTexts, false)).toMatchObject({text: wanted, used});
        // It does not go on once the text is complete.
        const earlier = tokenizer.decode(ids.slice(0, Math.max(0, used - 2)));
        if (!earlier.endsWith('\ufffd')) expect([golden.name, cut(earlier, stopTexts)]).toEqual([golden.name, earlier]);
      }
    }
  });

  it('gives nothing of what may become the end', () => {
    const none = () => {
      throw new Error('nobody encodes');
    };
    const encoders = {encode: none, encodePair: none, encodeWithOffsets: none, encodeWindows: none};
    const letters: Tokenizer = {...encoders, decode: (ids) => String.fromCharCode(...ids)};
    const ids = Array.from('xaabaabab.', (letter) => letter.charCodeAt(0));
    expect(answerOf(letters, ids, ['abab']).pieces).toEqual(['x', '', 'a', '', '', 'aba', '', '', '']);
  });
});
