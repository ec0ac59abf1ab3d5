import {parseArgs} from 'node:util';
import type {Report, Request} from './evaluate.js';
import {CommandError} from './files.js';
import {COMMAND_METRICS} from './metrics.js';

const TESTS = ['bootstrap', 'randomization'] as const;
const METRICS = Object.keys(COMMAND_METRICS);

export const HELP = `score --metric NAME --predictions FILE --references FILE… [options]

  --metric NAME        ${METRICS.slice(0, 7).join(', ')},
                       ${METRICS.slice(7).join(', ')}
  --predictions FILE   what a system says: one prediction a line; in a .jsonl file one JSON value a line; for squad and
                       squad2 a JSON object of answers by id; for multirc and record SuperGLUE's JSON lines
  --references FILE    what it should say: the same, or the data set's own file; several for several references a line
  --option NAME=VALUE  an option of the metric, such as tokenizer=intl or wordOrder=2; may be given several times
  --no-answer FILE     for squad2: a JSON object of probabilities, by id, that there is no answer
  --compare FILE       another system's predictions, to test whether the two differ
  --test NAME          how: ${TESTS.join(' (1000 resamples; the default) or ')} (10000 trials)
  --samples N          how many resamples or trials
  --seed N             of the random numbers; default: 12345
  --json               prints JSON
  --help               prints this`;

/**
 * `npm run score`: scores predictions and tells the interval.
 *
 * @returns what to print
 * @throws CommandError where an argument or a file is not as the help says.
 */
export function scoreCommand(args: string[]): string {
  const {values} = parse(args);
  if (values.help) return HELP;
  const {metric, predictions, references, compare, json} = values;
  if (metric === undefined || !Object.hasOwn(COMMAND_METRICS, metric)) {
    throw new CommandError(`--metric is '${metric ?? ''}'; expected ${METRICS.join(', ')}`);
  }
  if (predictions === undefined || references === undefined) {
    throw new CommandError('expected --predictions FILE and --references FILE');
  }
  if (values['no-answer'] !== undefined && metric !== 'squad2')
    throw new CommandError('--no-answer is for squad2 alone');
  if (values['no-answer'] !== undefined && compare !== undefined) {
    throw new CommandError('--no-answer is about one system; expected no --compare beside it');
  }
  const test = TESTS.find((one) => one === values.test);
  if (test === undefined) throw new CommandError(`--test is '${values.test}'; expected ${TESTS.join(' or ')}`);
  const report = run({
    ...{metric, predictions, references, compare, test, noAnswer: values['no-answer']},
    options: Object.fromEntries(values.option.map(readOption)),
    samples: values.samples === undefined ? undefined : wholeNumber('samples', values.samples),
    seed: wholeNumber('seed', values.seed),
  });
  return json ? JSON.stringify(report, undefined, 1) : show(report, predictions);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        metric: {type: 'string'},
        predictions: {type: 'string'},
        references: {type: 'string', multiple: true},
        option: {type: 'string', multiple: true, default: []},
        'no-answer': {type: 'string'},
        compare: {type: 'string'},
        test: {type: 'string', default: TESTS[0]},
        samples: {type: 'string'},
        seed: {type: 'string', default: '12345'},
        json: {type: 'boolean', default: false},
        help: {type: 'boolean', default: false},
      },
    });
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

/** What a metric or a test says of its options is for the user too. */
function run({metric, ...request}: Request & {metric: string}): Report {
  try {
    return COMMAND_METRICS[metric](request);
  } catch (error) {
    // A TypeError and the like is a mistake of ours, of which the stack is wanted.
    throw error instanceof Error && error.name === 'Error' ? new CommandError(error.message, {cause: error}) : error;
  }
}

/** `NAME=VALUE`, where a value that is no JSON is a string. */
function readOption(option: string): [string, unknown] {
  const at = option.indexOf('=');
  if (at < 1) throw new CommandError(`--option is '${option}'; expected NAME=VALUE`);
  const value = option.slice(at + 1);
  try {
    return [option.slice(0, at), JSON.parse(value)];
  } catch {
    return [option.slice(0, at), value];
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,10}$/u.test(text)) throw new CommandError(`--${name} is '${text}'; expected a whole number`);
  return Number(text);
}

function show({name, value, signature, details, interval, comparison}: Report, predictions: string): string {
  const {mean, halfWidth, low, high} = interval;
  const lines = [
    `${name} = ${number(value)} (μ = ${number(mean)} ± ${number(halfWidth)}; 95 % from ${number(low)} to ${number(high)})`,
    signature,
    ...Object.entries(details).map(([key, one]) => `  ${key}: ${[one].flat().map(number).join(', ')}`),
  ];
  if (comparison !== undefined) {
    const {file, test, baseline, system, p, samples} = comparison;
    lines.push(
      `${predictions} ${number(baseline)}, ${file} ${number(system)}: p = ${number(p)} by paired ${test}, ${samples} samples`,
    );
  }
  return lines.join('\n');
}

/** As few digits as do, at most four after the point. */
function number(value: number): string {
  return String(Number(value.toFixed(4)));
}
