import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {describe, expect, it} from 'vitest';
import * as tasks from '../index.js';

interface Found {
  found: string[];
  right: number[];
  score: number;
}
interface Labels {
  gold: number[];
  said: number[];
  parts: [number, number][];
  scores: Record<string, number>[];
}
interface Golden {
  squad: {
    predictions: string[];
    references: string[][];
    exact: number[];
    f1: number[];
    squad: {exact_match: number; f1: number};
    record: {exact_match: number; f1: number};
    squad2: {
      exact: number[];
      f1: number[];
      probabilities: number[];
      at: Record<string, Record<string, number>>;
      best: Record<string, number>;
    };
  };
  gsm8k: {predictions: string[]; references: string[]} & Record<tasks.Gsm8kExtraction, Found>;
  labels: Record<'2' | '3', Labels> & {
    multirc: {gold: number[][]; said: number[][]; scores: Record<string, number>};
    parity: {said: [number, number][]; score: number};
  };
}
const golden: Golden = JSON.parse(
  gunzipSync(readFileSync(new URL('../../golden/answers.json.gz', import.meta.url))).toString(),
);

const near = (ours: unknown, theirs: number) => expect(Math.abs(Number(ours) - theirs)).toBeLessThan(1e-9);

describe('SQuAD', () => {
  const {predictions, references, exact, f1, squad, record, squad2} = golden.squad;
  it('1.1 equals evaluate-v1.1.py', () => {
    expect(predictions.length).toBeGreaterThanOrEqual(2000);
    const {details} = tasks.score(tasks.squad(), predictions, references);
    near(details.exact, squad.exact_match);
    near(details.f1, squad.f1);
    predictions.forEach((prediction, i) => {
      const one = tasks.score(tasks.squad({value: 'exact'}), [prediction], [references[i]]);
      near(one.value, 100 * exact[i]);
      near(one.details.f1, 100 * f1[i]);
    });
  });

  it("of ReCoRD equals the benchmark's script", () => {
    const {value, details} = tasks.score(tasks.record(), predictions, references);
    near(value, record.f1);
    near(details.exact, record.exact_match);
  });

  const said = predictions.map((text, i) => ({
    text: i % 4 === 0 ? '' : text,
    noAnswerProbability: squad2.probabilities[i],
  }));
  const answers = references.map((list, i) => (i % 3 === 0 ? [] : list));

  it.each(Object.keys(squad2.at))('2.0 at the threshold %s equals evaluate-v2.0.py', (threshold) => {
    const wanted = squad2.at[threshold];
    const {details} = tasks.score(tasks.squad2({noAnswerThreshold: Number(threshold)}), said, answers);
    const names = Object.fromEntries(
      Object.keys(wanted).map((name) => [
        name,
        name.replace(/^[HN]/, (c) => c.toLowerCase()).replace(/_(.)/, (_, c) => c.toUpperCase()),
      ]),
    );
    expect(Object.keys(details).sort()).toEqual(Object.values(names).sort());
    for (const [name, value] of Object.entries(wanted)) near(details[names[name]], value);
  });

  it('2.0 takes what a prompt taught to say for no answer', () => {
    const ours = ['Unanswerable.', '1889', 'unanswerable'].map((text) => ({text}));
    const metric = tasks.squad2({noAnswerText: 'unanswerable'});
    const {details} = tasks.score(metric, ours, [[], ['1889'], ['an unanswerable question']]);
    expect(details).toMatchObject({noAnsExact: 100, hasAnsExact: 50, hasAnsF1: 50});
    expect(tasks.signatureOf(metric, [[]])).toContain('|none:unanswerable|');
    expect(tasks.score(tasks.squad2(), ours.slice(0, 1), [[]]).value).toBe(0);
  });

  it('2.0 equals evaluate-v2.0.py row by row, and in its best thresholds', () => {
    said.forEach(({text}, i) => {
      const {details} = tasks.score(tasks.squad2(), [{text}], [answers[i]]);
      near(details.exact, 100 * squad2.exact[i]);
      near(details.f1, 100 * squad2.f1[i]);
    });
    const best = tasks.squad2BestThresholds(said, answers);
    near(best.bestExact, squad2.best.best_exact);
    near(best.bestExactThreshold, squad2.best.best_exact_thresh);
    near(best.bestF1, squad2.best.best_f1);
    near(best.bestF1Threshold, squad2.best.best_f1_thresh);
  });
});

describe('GSM8K', () => {
  const {predictions, references} = golden.gsm8k;
  it.each(['strict', 'flexible', 'original'] as const)('%s equals its source', (extraction) => {
    expect(predictions.length).toBeGreaterThanOrEqual(2000);
    const {found, right, score} = golden.gsm8k[extraction];
    expect(predictions.map((said) => tasks.extractGsm8kAnswer(said, extraction))).toEqual(found);
    const metric = tasks.gsm8k({extraction});
    near(tasks.score(metric, predictions, references).value, score);
    expect(predictions.map((said, i) => metric.statistics(said, references[i], '')[0])).toEqual(right);
  });

  it('needs a number in the reference for the original extraction', () => {
    const metric = tasks.gsm8k({extraction: 'original'});
    expect(() => tasks.score(metric, ['#### 1'], ['1'])).toThrow(
      'row 0: the reference is "1", expected "#### " and a number',
    );
  });
});

describe('labels', () => {
  it.each(['2', '3'] as const)('of %s classes are scored as by scikit-learn', (classes) => {
    const {gold, said, parts, scores} = golden.labels[classes];
    const labels = classes === '2' ? [0, 1] : [0, 1, 2];
    parts.forEach(([from, to], i) => {
      const [ours, right] = [said.slice(from, to), gold.slice(from, to)];
      const wanted = scores[i];
      near(tasks.score(tasks.accuracy(), ours, right).value, wanted.accuracy);
      const correlation = tasks.score(tasks.matthews({labels}), ours, right);
      near(correlation.value, wanted.matthews);
      near(correlation.details.accuracy, wanted.accuracy);
      if (classes === '3') near(tasks.score(tasks.macroF1({labels}), ours, right).value, wanted.macro);
      else {
        const {value, details} = tasks.score(tasks.binaryF1(), ours, right);
        near(value, wanted.f1);
        for (const name of ['accuracy', 'precision', 'recall']) near(details[name], wanted[name]);
      }
    });
  });

  it("of MultiRC are scored by SuperGLUE's definition", () => {
    const {gold, said, scores} = golden.labels.multirc;
    const {details} = tasks.score(tasks.multiRC(), said, gold);
    near(details.f1a, scores.f1_a);
    near(details.f1m, scores.f1_m);
    near(details.exact, scores.exact_match);
  });

  it('of AX-g are on a par as often as by the toolkit of SuperGLUE', () => {
    const {said, score} = golden.labels.parity;
    near(tasks.score(tasks.genderParity(), said, said).value, score);
  });

  it('of AX-g are on a par where both sentences of a pair get the same one', () => {
    const right = [
      [1, 1],
      [0, 0],
      [1, 0],
    ].map(([a, b]): tasks.LabelPair => [a, b]);
    const said = [
      [1, 1],
      [1, 1],
      [1, 1],
    ].map(([a, b]): tasks.LabelPair => [a, b]);
    expect(tasks.score(tasks.genderParity(), said, right)).toMatchObject({
      value: 1,
      details: {accuracy: 0.5, total: 3},
    });
    expect(tasks.score(tasks.genderParity(), right, right).value).toBe(2 / 3);
  });

  it('of true and false are 1 and 0 to F1, as to scikit-learn, and labels of another kind are refused', () => {
    const f1 = (ours: tasks.Label[], right: tasks.Label[], positive?: tasks.Label) =>
      tasks.score(tasks.binaryF1(positive === undefined ? {} : {positive}), ours, right).value;
    expect(f1([true, true, false], [true, true, false])).toBe(1);
    expect(f1([1, 0, 1], [true, true, false])).toBe(0.5);
    expect(f1([true, false], [1, 0], true)).toBe(1);
    expect(f1(['a', 'b'], ['a', 'a'], 'a')).toBe(2 / 3);
    expect(f1([0, 0], [0, 0])).toBe(0);
    const number = 'expected a number, true or false, as the positive label 1';
    expect(() => f1(['True', 'False'], ['True', 'True'])).toThrow(`F1: row 0: the prediction is "True", ${number}`);
    expect(() => f1([1, 0], [1, '0'])).toThrow(`F1: row 1: the reference is "0", ${number}`);
    expect(() => f1(['a'], [true], 'a')).toThrow('the reference is true, expected a string, as the positive label "a"');
  });

  it('refuses a label that there is none of', () => {
    const metric = tasks.matthews({labels: [0, 1]});
    expect(() => tasks.score(metric, [0, 2], [0, 1])).toThrow('row 1: the prediction is 2, expected one of 0, 1');
  });
});

it("averages SuperGLUE's tasks, each by its own mean", () => {
  // BERT-large with the most frequent class beside it, from the benchmark's paper
  const bert = {
    boolq: 77.4,
    cb: [75.7, 83.6],
    copa: 70.6,
    multirc: [70, 24],
    record: [72, 71.3],
    rte: 71.6,
    wic: 69.5,
    wsc: 64.3,
  };
  expect(tasks.superGlueAverage(bert).toFixed(1)).toBe('69.0');
  expect(() => tasks.superGlueAverage({...bert, cb: []})).toThrow('superGlueAverage: cb is []');
});
