import {checkOptions, flag, type Kinds, optional} from '@subset-tuning/checks';
import {checkTexts} from './check-texts.js';
import type {Metric} from './metric.js';
import {countReferences} from './score.js';
import {type TerOptions, tercomWords} from './tercom-tokenizer.js';
import {countEdits} from './translation-edit-rate.js';

const TER_OPTIONS: Kinds<TerOptions> = {
  normalized: optional(flag),
  noPunctuation: optional(flag),
  asianSupport: optional(flag),
  caseSensitive: optional(flag),
};

/**
 * The translation edit rate, in percent: how many words must be inserted, deleted, replaced or (as runs) shifted to make a
 * reference of the translation, for each word of the references' mean length. Less is better; it may pass 100. The
 * same number as sacrebleu 2.6's `TER`.
 *
 * A sentence's statistics are its edits to the closest reference and the mean length of its references, which are the
 * details too: `edits` and `referenceLength`.
 *
 * As Tercom does, it tries at most 1000 shifts of a sentence, of runs of at most 10 words over at most 50 places, and looks
 * for edits near the diagonal alone: it is meant for sentences, and of long texts it may find more edits than there need be.
 *
 * Sources: Snover et al., "A study of translation edit rate with targeted human annotation" (AMTA 2006);
 * `sacrebleu/metrics/ter.py`.
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {score, ter} from '@subset-tuning/tasks';
 * score(ter(), ['gestern war ich da'], [['ich war gestern da']]).value; // 50
 * ```
 */
export function ter(options: TerOptions = {}): Metric<string, readonly string[]> {
  checkOptions('ter', options, TER_OPTIONS);
  const {normalized = false, noPunctuation = false, asianSupport = false, caseSensitive = false} = options;
  return {
    name: 'TER',
    higherIsBetter: false,
    size: 2,
    signature: (references) => ({
      ...countReferences(references),
      case: caseSensitive ? 'mixed' : 'lc',
      tok: 'tercom',
      norm: normalized ? 'yes' : 'no',
      punct: noPunctuation ? 'no' : 'yes',
      asian: asianSupport ? 'yes' : 'no',
    }),
    statistics(prediction, references, row) {
      checkTexts(row, prediction, references);
      const words = tercomWords(prediction, options);
      let fewest = Number.POSITIVE_INFINITY;
      let lengths = 0;
      for (const text of references) {
        const reference = tercomWords(text, options);
        lengths += reference.length;
        fewest = Math.min(fewest, countEdits(words, reference));
      }
      return [fewest, lengths / references.length];
    },
    aggregate(sum) {
      const [edits, referenceLength] = [sum[0], sum[1]];
      const rate = referenceLength > 0 ? edits / referenceLength : Math.sign(edits);
      return {value: 100 * rate, details: {edits, referenceLength}};
    },
  };
}
