import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {randomCases} from '../../../../test/scale.js';
import * as tasks from '../index.js';
import {total} from './score.js';

/** Rows for a metric, the prediction that is right for a reference, and the scores that there are. */
interface Contract<Prediction, Reference> {
  metric: tasks.Metric<Prediction, Reference>;
  rows: fc.Arbitrary<[Prediction, Reference][]>;
  perfect: (reference: Reference) => Prediction;
  best: number;
  range: [number, number];
}

const word = fc.constantFrom('der', 'Hund', 'a', 'the', 'Haus,', '3.14', '😀', '世界', '!', 'ß', '#### 18', '$7', '');
const line = fc.oneof(
  fc.array(word, {maxLength: 12}).map((words) => words.join(' ')),
  fc.string({unit: 'grapheme'}),
);
const lines = fc.array(line, {minLength: 1, maxLength: 3});
const rowsOf = <P, R>(prediction: fc.Arbitrary<P>, reference: fc.Arbitrary<R>) =>
  fc.array(fc.tuple(prediction, reference), {minLength: 1, maxLength: 8});
const label = fc.constantFrom(0, 1, 2);
const bit = fc.constantFrom(0, 1);
const bits = fc.tuple(bit, bit);
const first = (references: readonly string[]) => references[0];
/** Texts that are long enough to have a perfect score. */
const long = fc.array(
  line.map((text) => `one two three four ${text}`),
  {minLength: 1, maxLength: 3},
);

function contract<P, R>(one: Contract<P, R>): Contract<P, R> {
  return one;
}

/** Each one must pass all of this. */
const contracts = [
  contract({metric: tasks.bleu(), rows: rowsOf(line, long), perfect: first, best: 100, range: [0, 100 + 1e-9]}),
  contract({
    metric: tasks.bleu({tokenizer: 'char', smoothing: 'floor', effectiveOrder: true}),
    rows: rowsOf(line, long),
    perfect: first,
    best: 100,
    range: [0, 100 + 1e-9],
  }),
  contract({metric: tasks.chrf(), rows: rowsOf(line, long), perfect: first, best: 100, range: [0, 100 + 1e-9]}),
  contract({
    metric: tasks.chrf({wordOrder: 2}),
    rows: rowsOf(line, long),
    perfect: first,
    best: 100,
    range: [0, 100 + 1e-9],
  }),
  contract({
    metric: tasks.ter(),
    rows: rowsOf(line, lines),
    perfect: first,
    best: 0,
    range: [0, Number.POSITIVE_INFINITY],
  }),
  contract({
    metric: tasks.exactMatch({ignoreCase: true}),
    rows: rowsOf(line, lines),
    perfect: first,
    best: 1,
    range: [0, 1],
  }),
  contract({metric: tasks.squad(), rows: rowsOf(line, long), perfect: first, best: 100, range: [0, 100 + 1e-9]}),
  contract({metric: tasks.record({value: 'exact'}), rows: rowsOf(line, lines), perfect: first, best: 1, range: [0, 1]}),
  contract({
    metric: tasks.squad2(),
    rows: rowsOf(
      line.map((text): tasks.Squad2Prediction => ({text})),
      fc.oneof(long, fc.constant([])),
    ),
    perfect: ([text = '']: readonly string[]) => ({text}),
    best: 100,
    range: [0, 100 + 1e-9],
  }),
  ...(['strict', 'flexible', 'original'] as const).map((extraction) =>
    contract({
      metric: tasks.gsm8k({extraction}),
      rows: rowsOf(
        line,
        fc.integer().map((n) => `so\n#### ${n}`),
      ),
      perfect: (reference: string) => reference,
      best: 1,
      range: [0, 1],
    }),
  ),
  contract({
    metric: tasks.accuracy(),
    rows: rowsOf(label, label),
    perfect: (one: tasks.Label) => one,
    best: 1,
    range: [0, 1],
  }),
  contract({
    metric: tasks.binaryF1(),
    rows: rowsOf(label, label).map((rows): [tasks.Label, tasks.Label][] => [...rows, [1, 1]]),
    perfect: (one: tasks.Label) => one,
    best: 1,
    range: [0, 1],
  }),
  contract({
    metric: tasks.macroF1({labels: [0, 1, 2]}),
    rows: rowsOf(label, label),
    perfect: (one: tasks.Label) => one,
    best: 1,
    range: [0, 1],
  }),
  contract({
    metric: tasks.matthews({labels: [0, 1, 2]}),
    rows: rowsOf(label, label).map((rows): [tasks.Label, tasks.Label][] => [...rows, [0, 1], [1, 0]]),
    perfect: (one: tasks.Label) => one,
    best: 1,
    range: [-1, 1],
  }),
  contract({
    metric: tasks.multiRC(),
    rows: rowsOf(bits, bits).map((rows): [readonly number[], readonly number[]][] => [...rows, [[0], [1]]]),
    perfect: (marks: readonly number[]) => marks,
    best: 1,
    range: [0, 1],
  }),
  contract({
    metric: tasks.genderParity(),
    rows: rowsOf(
      bits,
      bit.map((one): tasks.LabelPair => [one, one]),
    ),
    perfect: (pair: tasks.LabelPair) => pair,
    best: 1,
    range: [0, 1],
  }),
  // Each has types of its own, which its rows and its metric share.
] as unknown as Contract<unknown, unknown>[];

const runs = {numRuns: randomCases(200)};

describe.each(contracts.map((one) => ({name: JSON.stringify(one.metric.signature([['a']])), ...one})))(
  '$metric.name $name',
  ({metric, rows, perfect, best, range}) => {
    const unzip = (given: readonly [unknown, unknown][]) => [given.map(([p]) => p), given.map(([, r]) => r)] as const;
    const sumOf = (given: readonly [unknown, unknown][]) => total(tasks.statisticsOf(metric, ...unzip(given)));

    it('stays in its range, and gives a perfect prediction the best score', () => {
      fc.assert(
        fc.property(rows, (given) => {
          const [predictions, references] = unzip(given);
          const {value, name} = tasks.score(metric, predictions, references);
          expect(name).toBe(metric.name);
          expect(value).toBeGreaterThanOrEqual(range[0]);
          expect(value).toBeLessThanOrEqual(range[1]);
          expect(tasks.score(metric, references.map(perfect), references).value).toBeCloseTo(best, 9);
        }),
        runs,
      );
    });

    it('adds statistics, in whatever order', () => {
      fc.assert(
        fc.property(rows, rows, (some, others) => {
          const [a, b] = [sumOf(some), sumOf(others)];
          const both = sumOf([...some, ...others]);
          const reversed = sumOf([...others, ...some].reverse());
          expect(both.length).toBe(metric.size);
          both.forEach((sum, i) => {
            expect(a[i] + b[i]).toBeCloseTo(sum, 9);
            expect(reversed[i]).toBeCloseTo(sum, 9);
          });
          expect(metric.aggregate(reversed).value).toBeCloseTo(metric.aggregate(both).value, 9);
        }),
        runs,
      );
    });

    it('has an interval around its score, and no chance to differ from itself', () => {
      fc.assert(
        fc.property(rows, (given) => {
          const statistics = tasks.statisticsOf(metric, ...unzip(given));
          const {low, high, mean, halfWidth} = tasks.bootstrap(metric, statistics, {samples: 40});
          expect(low).toBeLessThanOrEqual(high);
          expect(halfWidth).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(mean)).toBe(true);
          expect(tasks.pairedBootstrap(metric, statistics, statistics, {samples: 40}).p).toBe(1 / 41);
          expect(tasks.approximateRandomization(metric, statistics, statistics, {samples: 40}).p).toBe(1 / 41);
        }),
        {numRuns: randomCases(50)},
      );
    });
  },
);
