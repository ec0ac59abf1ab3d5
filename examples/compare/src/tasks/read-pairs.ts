import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {parseSentencePairs, type SentencePair} from '@subset-tuning/tasks';

/** The slice of Tatoeba that the example of formal German has cut. */
export function readPairs(name: string): SentencePair[] {
  const file = fileURLToPath(new URL(`../../../formal-german/data/${name}.tsv`, import.meta.url));
  return parseSentencePairs(readFileSync(file, 'utf8'));
}
