import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {groupBySource, parseSentencePairs, type SentencePair, type SourceGroup} from '@subset-tuning/tasks';

/** Sentences to be translated, and how: the formal ones and those that address nobody. */
export interface HeldOut {
  formal: SourceGroup[];
  /** The same as pairs, for the loss. */
  formalPairs: SentencePair[];
  nobody: SourceGroup[];
}

export interface Data {
  /** Pairs to learn from: all address someone formally. */
  train: SentencePair[];
  validation: HeldOut;
  test: HeldOut;
}

/** Reads the committed slice of Tatoeba, see `data/ATTRIBUTION.md`. */
export function loadData(folder: string): Data {
  const read = (name: string): SentencePair[] => {
    const file = join(folder, `${name}.tsv`);
    try {
      return parseSentencePairs(readFileSync(file, 'utf8'));
    } catch (error) {
      throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, {cause: error});
    }
  };
  const heldOut = (split: string): HeldOut => {
    const formalPairs = read(`formal-${split}`);
    return {formalPairs, formal: groupBySource(formalPairs), nobody: groupBySource(read(`nobody-${split}`))};
  };
  return {train: read('formal-train'), validation: heldOut('val'), test: heldOut('test')};
}
