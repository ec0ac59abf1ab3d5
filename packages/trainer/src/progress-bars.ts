import {callable, check, object, text, wholeNumber} from '@subset-tuning/checks';
import {MultiBar} from 'cli-progress';
import type {CurvePoint} from './train.js';

/** What {@link progressBars} makes. */
export interface ProgressBars {
  /** Adds a bar; the function that it returns takes each point of `train`'s curve as `onStep`. */
  add(label: string, steps: number): (point: CurvePoint) => void;
  /** Draws the bars a last time and gives the terminal back. */
  stop(): void;
}

const STREAM = object('a stream that can be written to', ({write}) => callable.is(write));

/**
 * Progress bars in the terminal, one a run: loss, tokens a second, subset churn and time left.
 * Where the stream is no terminal (a log file), a line each ten seconds.
 *
 * @param stream where to draw, stderr by default.
 *
 * @example
 * ```ts
 * import {progressBars} from '@subset-tuning/trainer/progress-bars';
 *
 * const bars = progressBars();
 * const onStep = bars.add('subset 1 %', 2);
 * onStep({step: 1, loss: 2.5, tokensPerSecond: 3000, churn: 0.25});
 * onStep({step: 2, loss: 2.4, tokensPerSecond: 3000, churn: 0.125});
 * bars.stop();
 * ```
 */
export function progressBars(stream: NodeJS.WritableStream = process.stderr): ProgressBars {
  check('progressBars: stream', stream, STREAM);
  const bars = new MultiBar({
    stream,
    format: '{label} {bar} {value}/{total} │ loss {loss} │ {rate} tokens/s │ churn {churn} │ {left} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 20,
    hideCursor: true,
    emptyOnZero: true,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  return {
    add(label, steps) {
      check('progressBars: label', label, text);
      check('progressBars: steps', steps, wholeNumber(0));
      const bar = bars.create(steps, 0, {label: label.padEnd(14), loss: '–', rate: '–', churn: '–', left: '–'});
      // The first step also compiles shaders and grows the heap, so the time left is told from the second on.
      let began: number | undefined;
      return ({step, loss, tokensPerSecond, churn}) => {
        began ??= performance.now();
        const left = step > 1 ? ((performance.now() - began) / 1000 / (step - 1)) * (steps - step) : undefined;
        bar.update(step, {
          loss: loss.toFixed(3),
          rate: Math.round(tokensPerSecond).toLocaleString('en'),
          churn: churn === undefined ? '–' : `${(100 * churn).toFixed(1)} %`,
          left: left === undefined ? '–' : clock(left),
        });
      };
    },
    stop() {
      bars.stop();
    },
  };
}

/** Seconds as m:ss. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
