import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {
  address,
  addressesFormally,
  addressesNobody,
  groupBySource,
  parseSentencePairs,
  type SentencePair,
} from '@subset-tuning/tasks';
import {dataFolder} from './folders.js';

/**
 * Cuts the slices of Tatoeba that this example needs:
 *
 *     prepare-data TATOEBA [--out FOLDER] [--seed-data FOLDER]
 *
 * TATOEBA holds `train.en-de.tsv`, `val.en-de.tsv` and `test.en-de.tsv`. The formal rows of each split and the first
 * 200 English sentences of val and of test whose rows address nobody, with all their translations, go to FOLDER
 * (`data/`). `--seed-data` also writes what `train_seed.py` reads: all rows of train, val and test that no one is
 * addressed formally in.
 */
const NOBODY_SOURCES = 200;
const SPLITS = ['train', 'val', 'test'] as const;

function isFormal({source, target}: SentencePair): boolean {
  return addressesFormally(source, target);
}

function isNobody({source, target}: SentencePair): boolean {
  return addressesNobody(source, target);
}

/** Rows that the seed may know: no formal address, and none that could be one (a sentence that opens with "Sie"). */
function isKnownToSeed(pair: SentencePair): boolean {
  if (isFormal(pair)) return false;
  const form = address(pair.target);
  return form === 'informal' || form === 'none' || isNobody(pair);
}

function write(folder: string, name: string, pairs: readonly SentencePair[]): void {
  writeFileSync(join(folder, `${name}.tsv`), pairs.map(({source, target}) => `${source}\t${target}\n`).join(''));
  console.log(`${join(folder, `${name}.tsv`)}: ${pairs.length} rows`);
}

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {out: {type: 'string', default: dataFolder}, 'seed-data': {type: 'string'}},
});
if (positionals.length !== 1) {
  throw new Error(`prepare-data: expected one folder with Tatoeba's splits, got ${JSON.stringify(positionals)}`);
}
const [tatoeba] = positionals;
const splits = SPLITS.map((split) => {
  return {split, pairs: parseSentencePairs(readFileSync(join(tatoeba, `${split}.en-de.tsv`), 'utf8'))};
});
mkdirSync(values.out, {recursive: true});
for (const {split, pairs} of splits) {
  write(values.out, `formal-${split}`, pairs.filter(isFormal));
  if (split !== 'train') {
    const sources = groupBySource(pairs.filter(isNobody)).slice(0, NOBODY_SOURCES);
    const rows = sources.flatMap(({source, references}) => references.map((target) => ({source, target})));
    write(values.out, `nobody-${split}`, rows);
  }
}
if (values['seed-data'] !== undefined) {
  mkdirSync(values['seed-data'], {recursive: true});
  for (const {split, pairs} of splits) {
    write(values['seed-data'], split === 'train' ? 'seed-train' : split, pairs.filter(isKnownToSeed));
  }
}
