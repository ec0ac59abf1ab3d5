import {gsm8k} from './gsm8k.js';
import {parallelPairs, tabSeparatedPairs} from './pairs.js';
import {squad, squad2, xquad} from './squad.js';
import {superGlue} from './super-glue.js';

/**
 * The data sets, by name: SuperGLUE's eight tasks and two diagnostics (`boolq`, `cb`, `copa`, `multirc`, `record`, `rte`,
 * `wic`, `wsc`, `axb`, `axg`) with FewGLUE's rows, `squad`, `squad2`, `xquad`, `gsm8k`, and the English and German
 * sentences of `tatoeba` and `multi30k`.
 *
 * @example
 * ```ts no-run
 * import {dataSets, loadSplit} from '@subset-tuning/tasks';
 * const rows = await loadSplit(dataSets.copa, 'data/COPA', 'validation');
 * ```
 */
export const dataSets = {
  ...superGlue,
  squad,
  squad2,
  xquad,
  gsm8k,
  tatoeba: tabSeparatedPairs('tatoeba', {
    ...{train: 'train.en-de.tsv', validation: 'val.en-de.tsv', test: 'test.en-de.tsv'},
  }),
  multi30k: parallelPairs('multi30k', {
    ...{train: ['train.en', 'train.de'], validation: ['val.en', 'val.de']},
    test: ['test_2016_flickr.en', 'test_2016_flickr.de'],
  }),
};
