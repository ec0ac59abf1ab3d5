import type {Range} from './join-reads.js';
import type {OpenFile} from './read-folder.js';

/** A weight in a file, which is known to be what the model needs but not yet read. */
export interface Weight {
  shape: readonly number[];
  /** Reads its elements, in an array that nobody else has. */
  read(): Promise<Float32Array>;
  /** Where it is read from, if not from memory. */
  place?: {file: OpenFile; range: Range};
}
