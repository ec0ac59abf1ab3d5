import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {applyDelta, readDelta} from '@subset-tuning/deltas';
import {loadModel} from '@subset-tuning/models';
import {seedFolder} from './folders.js';
import {methodName} from './methods.js';
import {deltaFileName} from './run-demo.js';
import {FULL} from './settings.js';
import {translate} from './translate.js';

/** The delta files that a run of the demo left in its folder, in the order of its table. */
export function findDeltas(out: string): {name: string; file: string}[] {
  return FULL.methods
    .map((method) => methodName(method))
    .map((name) => ({name, file: join(out, 'deltas', deltaFileName(name))}))
    .filter(({file}) => existsSync(file));
}

/** A sentence by the seed and by each delta, swapped in and out of one and the same model. */
export async function translateWithDeltas(
  english: string,
  deltas: readonly {name: string; file: string}[],
): Promise<{name: string; german: string}[]> {
  const model = await loadModel(seedFolder);
  try {
    const [seed] = await translate(model, [english]);
    const translations = [{name: 'seed', german: seed}];
    for (const {name, file} of deltas) {
      const revert = await applyDelta(model, readDelta(readFileSync(file)));
      const [german] = await translate(model, [english]);
      translations.push({name, german});
      await revert();
    }
    return translations;
  } finally {
    model.dispose();
  }
}
