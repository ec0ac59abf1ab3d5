import {PassThrough} from 'node:stream';
import {afterEach, describe, expect, it, vi} from 'vitest';
import {progressBars} from './progress-bars.js';

describe('progressBars', () => {
  afterEach(() => vi.useRealTimers());

  it('refuses what is no stream, label or number of steps', () => {
    // As a caller in JavaScript has it: without types.
    const js = progressBars as unknown as (stream: unknown) => {add(...given: unknown[]): unknown; stop(): void};
    const message = 'progressBars: stream is "stderr", expected a stream that can be written to';
    expect(() => js('stderr')).toThrow(new Error(message));
    const bars = js(new PassThrough());
    expect(() => bars.add(60)).toThrow(new Error('progressBars: label is 60, expected a string'));
    const steps = 'progressBars: steps is undefined, expected a whole number of at least 0';
    expect(() => bars.add('subset')).toThrow(new Error(steps));
    bars.stop();
  });

  it('shows loss, rate, churn and time left of each run', () => {
    vi.useFakeTimers({toFake: ['performance']});
    const stream = new PassThrough();
    const bars = progressBars(stream);
    const subset = bars.add('subset', 60);
    const full = bars.add('full', 60);
    subset({step: 1, loss: 3, tokensPerSecond: 900, churn: 1});
    vi.advanceTimersByTime(1500);
    subset({step: 2, loss: 2.3456, tokensPerSecond: 12_345.6, churn: 0.0314});
    full({step: 1, loss: 1.5, tokensPerSecond: 1000});
    bars.stop();
    const lines = String(stream.read()).trim().split('\n');
    expect(lines.at(-2)).toMatch(/^subset .*2\/60 │ loss 2\.346 │ 12,346 tokens\/s │ churn 3\.1 % │ 1:27 left$/);
    expect(lines.at(-1)).toMatch(/^full .*1\/60 │ loss 1\.500 │ 1,000 tokens\/s │ churn – │ – left$/);
  });
});
