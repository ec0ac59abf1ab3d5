import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {expect, it} from 'vitest';
import {
  approximateRandomization,
  bleu,
  bootstrap,
  chrf,
  type Metric,
  pairedBootstrap,
  signatureOf,
  statisticsOf,
  ter,
} from '../index.js';
import {resampledScores} from '../statistics/bootstrap.js';
import {total} from './score.js';

type Texts = Metric<string, readonly string[]>;
interface Case {
  options: Record<string, unknown>;
  name: string;
  signature: string;
  corpus: number;
  sentences: number[];
}
interface Resampled {
  float32: {mean: number; halfWidth: number; scores: number[]};
  float64: {mean: number; halfWidth: number; percentiles: [number, number]; scores: number[]; p: number};
  other: {score: number};
  bootstrapP: number;
  randomisationP: number;
}
interface Golden {
  hypotheses: string[];
  references: string[][];
  resampled: {rows: [number, number]; others: string[]} & Record<'bleu' | 'chrf' | 'ter', Resampled>;
}
const golden: Golden & Record<'bleu' | 'chrf' | 'ter', Case[]> = JSON.parse(
  gunzipSync(readFileSync(new URL('../../golden/translation.json.gz', import.meta.url))).toString(),
);
const {hypotheses, references} = golden;

/** What sacrebleu calls our options. */
const NAMES: Record<string, string> = {
  ...{tokenize: 'tokenizer', smooth_method: 'smoothing', smooth_value: 'smoothingValue', max_ngram_order: 'maxOrder'},
  ...{
    effective_order: 'effectiveOrder',
    char_order: 'charOrder',
    word_order: 'wordOrder',
    eps_smoothing: 'epsSmoothing',
  },
  ...{no_punct: 'noPunctuation', asian_support: 'asianSupport', case_sensitive: 'caseSensitive'},
};
const MAKERS: Record<'bleu' | 'chrf' | 'ter', (options: object) => Texts> = {bleu, chrf, ter};
const KINDS = ['bleu', 'chrf', 'ter'] as const;
const cases = KINDS.flatMap((kind) => golden[kind].map((one) => ({kind, ...one})));

/** sacrebleu's signature with our version, and with the longest n-gram, which it does not tell. */
const asOurs = (signature: string, {max_ngram_order: order = 4}: Record<string, unknown>) =>
  signature.replace(/version:.*/, `${order === 4 ? '' : `order:${order}|`}version:subset-tuning-1`);
const worst = (ours: readonly number[], theirs: readonly number[]) =>
  Math.max(...ours.map((value, i) => Math.abs(value - theirs[i])));

it('has enough rows', () => expect(hypotheses.length).toBeGreaterThanOrEqual(2000));

it.each(cases)('$kind with $options equals sacrebleu', ({kind, options, name, signature, corpus, sentences}) => {
  const metric = MAKERS[kind](
    Object.fromEntries(Object.entries(options).map(([key, value]) => [NAMES[key] ?? key, value])),
  );
  expect(metric.name).toBe(name);
  expect(signatureOf(metric, references)).toBe(asOurs(signature, options));
  // A sentence's score is that of its own statistics.
  const statistics = statisticsOf(metric, hypotheses, references);
  const {rows, size, values} = statistics;
  expect(Math.abs(metric.aggregate(total(statistics)).value - corpus)).toBeLessThan(1e-9);
  const ours = Array.from({length: rows}, (_, i) => metric.aggregate(values.subarray(i * size, (i + 1) * size)).value);
  expect(ours.length).toBe(sentences.length);
  expect(worst(ours, sentences)).toBeLessThan(1e-9);
});

it.each(KINDS)('%s is resampled as by sacrebleu', (kind) => {
  const metric = MAKERS[kind]({});
  const {rows, others} = golden.resampled;
  const {float32, float64, other, bootstrapP, randomisationP} = golden.resampled[kind];
  const right = references.slice(...rows).map(([first]) => [first]);
  const ours = statisticsOf(metric, hypotheses.slice(...rows), right);
  const theirs = statisticsOf(metric, others, right);

  const [scores] = resampledScores(metric, [ours], 20, 12345);
  expect(worst([...scores], float64.scores)).toBeLessThan(1e-9);
  // sacrebleu's own sums and scores are in float32
  expect(worst([...scores], float32.scores)).toBeLessThan(1e-4);
  const {mean, halfWidth, low, high} = bootstrap(metric, ours);
  expect(worst([mean, halfWidth, low, high], [float64.mean, float64.halfWidth, ...float64.percentiles])).toBeLessThan(
    1e-9,
  );
  expect(worst([mean, halfWidth], [float32.mean, float32.halfWidth])).toBeLessThan(1e-4);

  const paired = pairedBootstrap(metric, ours, theirs);
  expect(Math.abs(paired.system - other.score)).toBeLessThan(1e-9);
  expect(paired.p).toBe(float64.p);
  expect(paired.p).toBe(bootstrapP);
  expect(approximateRandomization(metric, ours, theirs).p).toBe(randomisationP);
});
