import {readBpe} from './bpe.js';
import {typeOf} from './part.js';
import {readUnigram} from './unigram.js';
import type {Model} from './vocabulary.js';
import {readWordPiece} from './word-piece.js';

export function readModel(name: string, json: unknown, size: number): Model {
  switch (typeOf(`${name}: model`, json, ['BPE', 'Unigram', 'WordPiece'])) {
    case 'BPE':
      return readBpe(name, json, size);
    case 'Unigram':
      return readUnigram(name, json, size);
    case 'WordPiece':
      return readWordPiece(name, json, size);
  }
}
