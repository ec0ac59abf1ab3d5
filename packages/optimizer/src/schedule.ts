import {
  check,
  checkOptions,
  isObject,
  type Kind,
  type Kinds,
  number,
  oneOf,
  optional,
  wholeNumber,
} from '@subset-tuning/checks';

/**
 * A number that may depend on the step: a constant, or a plain object that {@link valueAt} evaluates.
 * Plain, so that an optimizer's config is JSON and a resumed run goes on along the same curve.
 */
export type Schedule = number | LinearSchedule | ExponentialSchedule | CosineSchedule | WarmupSchedule;

/** What the schedules have in common that go from one value to another. */
interface Curve {
  from: number;
  to: number;
  /** Steps from the first value to the last. */
  steps: number;
  /** What follows; its own step 0 is the first step at the last value. Default: the last value holds. */
  after?: Schedule;
}
/** What {@link linear} makes. */
export interface LinearSchedule extends Curve {
  kind: 'linear';
}
/** What {@link exponential} makes. */
export interface ExponentialSchedule extends Curve {
  kind: 'exponential';
}
/** What {@link cosine} makes. */
export interface CosineSchedule extends Curve {
  kind: 'cosine';
}
/** What {@link warmup} makes. */
export interface WarmupSchedule {
  kind: 'warmup';
  /** Steps of the rise; the first step already has 1/steps of the value. */
  steps: number;
  /** What follows; its own step 0 is the first step after the rise. */
  after: Schedule;
}

/**
 * A straight line from one value to another, which then holds, or what follows `after` it.
 *
 * @example
 * ```ts
 * import {linear, valueAt} from '@subset-tuning/optimizer';
 * valueAt(linear({from: 1, to: 0, steps: 10}), 5); // 0.5
 * ```
 */
export function linear(options: Omit<LinearSchedule, 'kind'>): LinearSchedule {
  checkOptions('linear', options, CURVE_OPTIONS);
  return {kind: 'linear', ...curve(options)};
}

/**
 * From one value to another by the same factor at every step; the last value then holds, or what follows `after` it.
 *
 * @throws where a value is not above 0.
 *
 * @example
 * ```ts
 * import {exponential, valueAt} from '@subset-tuning/optimizer';
 * valueAt(exponential({from: 1, to: 0.01, steps: 10}), 5); // 0.1
 * ```
 */
export function exponential(options: Omit<ExponentialSchedule, 'kind'>): ExponentialSchedule {
  checkOptions('exponential', options, EXPONENTIAL_OPTIONS);
  return {kind: 'exponential', ...curve(options)};
}

/**
 * Half a cosine wave from one value to another, which then holds, or what follows `after` it (Loshchilov & Hutter 2017,
 * arXiv 1608.03983).
 *
 * @example
 * ```ts
 * import {cosine, valueAt} from '@subset-tuning/optimizer';
 * valueAt(cosine({from: 1, to: 0, steps: 10}), 10); // 0
 * ```
 */
export function cosine(options: Omit<CosineSchedule, 'kind'>): CosineSchedule {
  checkOptions('cosine', options, CURVE_OPTIONS);
  return {kind: 'cosine', ...curve(options)};
}

/**
 * A linear rise to the first value of another schedule, before that schedule begins.
 *
 * @example
 * ```ts
 * import {cosine, valueAt, warmup} from '@subset-tuning/optimizer';
 * valueAt(warmup({steps: 4, after: cosine({from: 1, to: 0, steps: 10})}), 1); // 0.5
 * ```
 */
export function warmup(options: Omit<WarmupSchedule, 'kind'>): WarmupSchedule {
  checkOptions('warmup', options, WARMUP_OPTIONS);
  const {steps, after} = options;
  return {kind: 'warmup', steps, after};
}

/** Its members by name, so that a config holds no others. */
function curve({from, to, steps, after}: Curve): Curve {
  return {from, to, steps, ...(after !== undefined && {after})};
}

/**
 * The value of a schedule at a step.
 *
 * @param schedule a number, or what {@link linear}, {@link exponential}, {@link cosine} or {@link warmup} made.
 * @param step the step, counted from 0.
 *
 * @example
 * ```ts
 * import {valueAt} from '@subset-tuning/optimizer';
 * valueAt(3e-3, 100); // 3e-3
 * ```
 */
export function valueAt(schedule: Schedule, step: number): number {
  check('valueAt: schedule', schedule, ANY_SCHEDULE);
  check('valueAt: step', step, wholeNumber(0));
  return evaluate(schedule, step);
}

function evaluate(schedule: Schedule, step: number): number {
  if (typeof schedule === 'number') return schedule;
  if (step >= schedule.steps && schedule.after !== undefined) return evaluate(schedule.after, step - schedule.steps);
  switch (schedule.kind) {
    case 'linear':
      return schedule.from + (schedule.to - schedule.from) * Math.min(1, step / schedule.steps);
    case 'exponential':
      // The last value itself, whatever the power rounds to.
      if (step >= schedule.steps) return schedule.to;
      return schedule.from * (schedule.to / schedule.from) ** (step / schedule.steps);
    case 'cosine': {
      const share = (1 + Math.cos(Math.PI * Math.min(1, step / schedule.steps))) / 2;
      return schedule.to + (schedule.from - schedule.to) * share;
    }
    case 'warmup':
      return (evaluate(schedule.after, 0) * (step + 1)) / schedule.steps;
  }
}

const ANY_SCHEDULE = scheduleOf(number('a number'));
const aboveZero = number('a number above 0', (value) => value > 0);
const WHAT_FOLLOWS = {steps: wholeNumber(1), after: optional(ANY_SCHEDULE)};
const CURVE_OPTIONS: Kinds<Curve> = {from: number('a number'), to: number('a number'), ...WHAT_FOLLOWS};
const EXPONENTIAL_OPTIONS: Kinds<Curve> = {from: aboveZero, to: aboveZero, ...WHAT_FOLLOWS};
const WARMUP_OPTIONS: Kinds<Omit<WarmupSchedule, 'kind'>> = {steps: wholeNumber(1), after: ANY_SCHEDULE};

const CURVES = ['linear', 'exponential', 'cosine'];

/** A number of a kind, or a schedule between such. */
export function scheduleOf({expected, is}: Kind): Kind {
  const isSchedule = (value: unknown): boolean => {
    if (!isObject(value)) return is(value);
    const {kind, steps, after, ...rest} = value;
    const names = Object.keys(rest).sort().join();
    if (!wholeNumber(1).is(steps)) return false;
    if (kind === 'warmup') return names === '' && isSchedule(after);
    if (kind === 'exponential' && !(aboveZero.is(rest.from) && aboveZero.is(rest.to))) return false;
    if (after !== undefined && !isSchedule(after)) return false;
    return oneOf(CURVES).is(kind) && names === 'from,to' && is(rest.from) && is(rest.to);
  };
  return {expected: `${expected}, or what linear, exponential, cosine or warmup make of such`, is: isSchedule};
}
