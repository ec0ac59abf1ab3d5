import {anything, type Kind, show, text, wholeNumber} from '@subset-tuning/checks';
import {readPart} from './part.js';
import {type AddToken, type Model, readVocabulary} from './vocabulary.js';

const SHORT_TEXT: Kind = {expected: 'a short text', is: (value) => text.is(value) && String(value).length <= 100};
const OPTIONS = {
  ...{type: anything, unk_token: text, continuing_subword_prefix: SHORT_TEXT, vocab: anything},
  // The work grows with its square.
  max_input_chars_per_word: wholeNumber(0, 1000),
};

/** The longest token that a word begins with, and so on with the rest of it. */
export function readWordPiece(name: string, json: unknown, size: number): Model {
  const options = readPart(`${name}: model`, json, OPTIONS);
  const vocabulary = readVocabulary(name, options.vocab, size);
  const prefix = String(options.continuing_subword_prefix);
  const most = Number(options.max_input_chars_per_word);
  const unknown = vocabulary.get(String(options.unk_token));
  if (unknown === undefined) {
    throw new Error(`${name}: model: unk_token is ${show(options.unk_token)}, expected a token of vocab`);
  }
  const tokensOf = (word: string): Parameters<AddToken>[] => {
    const whole: Parameters<AddToken>[] = [[unknown, 0, word.length]];
    const characters = word.length <= 2 * most ? Array.from(word) : undefined;
    if (!characters || characters.length > most) return whole;
    const tokens: Parameters<AddToken>[] = [];
    let place = 0;
    for (let start = 0; start < characters.length; ) {
      let end = characters.length;
      let part = '';
      let id: number | undefined;
      for (; end > start; end--) {
        part = characters.slice(start, end).join('');
        id = vocabulary.get((start > 0 ? prefix : '') + part);
        if (id !== undefined) break;
      }
      if (id === undefined) return whole;
      tokens.push([id, place, place + part.length]);
      place += part.length;
      start = end;
    }
    return tokens;
  };
  return {
    vocabulary,
    encode: (word, add) => {
      for (const token of tokensOf(word)) add(...token);
    },
  };
}
