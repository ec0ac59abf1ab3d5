import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readJson} from '../../../test/read-file.js';
import {encoders, readEncoder} from '../golden/encoder-fixture.js';
import {goldenUrl} from '../golden/load-family.js';
import {loadSpanExtractor, type Span, type SpanExtractor} from './index.js';

// What run_qa.py of transformers' examples answers from long texts: see golden/make-spans.py.

interface Case {
  question: string;
  context: string;
  windowTokens: number;
  stride: number;
  maxTokens: number;
}
interface Found {
  windows: number;
  count: number;
  spans: Span[];
  noAnswer: number;
}
type Golden = {cases: Case[]} & Record<string, Found[]>;

const golden = await readJson<Golden>(goldenUrl('encoders/spans.json'));

describe.each(encoders)('%s', (name) => {
  let model: SpanExtractor;
  let tensorsBefore: number;
  beforeEach(async () => {
    tensorsBefore = tf.memory().numTensors;
    const architectures = [`${name === 'bert' ? 'Bert' : 'DistilBert'}ForQuestionAnswering`];
    model = await loadSpanExtractor(name, {read: await readEncoder(name, ['span'], {architectures})});
  });
  afterEach(() => {
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it('finds the spans of transformers in texts that it reads in windows', async () => {
    for (const [i, {question, context, ...options}] of golden.cases.entries()) {
      const wanted = golden[name][i];
      // Some batches are of windows of several lengths.
      const {spans, noAnswer, ...best} = await model.predict(question, context, {...options, batchSize: 2});
      expect(best).toEqual(spans[0]);
      expect(spans).toHaveLength(wanted.spans.length);
      for (const [at, span] of spans.entries()) {
        expect(span.score).toBeCloseTo(wanted.spans[at].score, 4);
        expect(context.slice(span.start, span.end)).toBe(span.text);
        // Spans that score alike may change places by rounding.
        const alike = wanted.spans.filter(({score}) => Math.abs(score - span.score) < 1e-4);
        if (at === 0 || alike.length === 1) expect({...span, score: 0}).toEqual({...wanted.spans[at], score: 0});
      }
      expect(noAnswer).toBeCloseTo(wanted.noAnswer, 4);
    }
  });

  it('says nothing where no answer is likelier than it should be', async () => {
    const [{question, context, ...options}] = golden.cases;
    const [{noAnswer, spans}] = golden[name];
    const {text, start, end} = await model.predict(question, context, {...options, noAnswerAbove: noAnswer + 0.01});
    expect({text, start, end}).toEqual({text: spans[0].text, start: spans[0].start, end: spans[0].end});
    const none = await model.predict(question, context, {...options, noAnswerAbove: noAnswer - 0.01});
    expect([none.text, none.start, none.end]).toEqual(['', 0, 0]);
    expect(none.spans[0].text).toBe(spans[0].text);
  });

  it('refuses a text without a token, and windows that the model cannot read', async () => {
    await expect(model.predict('who?', ' ')).rejects.toThrow('predict: context has no token, expected a text');
    await expect(model.predict('who?', 'the cat', {windowTokens: 21})).rejects.toThrow(
      'predict: windowTokens is 21, expected a whole number from 1 to 20',
    );
    await expect(model.predict('who '.repeat(20), 'the cat')).rejects.toThrow('maxTokens is 20, which leaves 0');
    await expect(model.predict('who?', 'the cat', {count: 0})).rejects.toThrow('predict: count is 0');
  });
});
