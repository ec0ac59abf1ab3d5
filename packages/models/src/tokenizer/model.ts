import {readBpe} from './bpe.js';
import {typeOf} from './part.js';
import {readUnigram} from './unigram.js';
import type {Vocabulary} from './vocabulary.js';
import {readWordPiece} from './word-piece.js';

/** Makes ids of a piece of text. */
export interface Model {
  vocabulary: Vocabulary;
  /** Appends the ids of a piece. */
  encode(piece: string, ids: number[]): void;
}

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
