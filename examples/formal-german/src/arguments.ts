import {readFileSync} from 'node:fs';
import {Command, InvalidArgumentError, Option} from 'commander';
import {BACKEND_NAMES, type BackendName} from './backend-names.js';

/** What the command was asked for. */
export interface Arguments {
  quick?: true;
  backend?: BackendName;
  seed: number;
  steps?: number;
  out: string;
  translate?: string;
  seeds?: number;
  grid?: true;
  study?: true;
}

/**
 * The command's options. Its `parse` prints help or version and ends the process; where an option is wrong it names it
 * in one line, prints the usage, and ends with status 1.
 */
export function createCommand(): Command {
  const {version}: {version: string} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return new Command('npm run demo --')
    .description('Teaches an English-German translator to say "Sie" by changing a handful of its weights.')
    .option('--quick', 'fewer methods and steps')
    .addOption(
      new Option('--backend <name>', 'where it computes; default: the first of these that is installed').choices(
        BACKEND_NAMES,
      ),
    )
    .option('--seed <n>', 'order of the data and draw of the random subsets', wholeNumber(0), 1)
    .option('--steps <n>', 'steps of each method', wholeNumber(1))
    .option('--out <folder>', 'receives the report', text, 'demo-report')
    .addOption(
      new Option('--translate <text>', 'your sentence by the seed and by each delta of the last run in the folder')
        .argParser(text)
        .conflicts(['seeds', 'grid', 'study']),
    )
    .addOption(
      new Option('--seeds <n>', 'every method at every budget with seeds 1 to n; writes results/seeds.json')
        .argParser(wholeNumber(2))
        .conflicts(['seed', 'quick', 'steps', 'grid', 'study']),
    )
    .addOption(
      new Option('--grid', 'tries every learning rate on validation; writes results/grid.json').conflicts([
        'seed',
        'quick',
        'steps',
      ]),
    )
    .addOption(
      new Option('--study', 'tries variations of the method on validation; writes results/study.json').conflicts([
        'seed',
        'quick',
        'steps',
        'grid',
      ]),
    )
    .version(version, '--version', "prints the example's version")
    .helpOption('-h, --help', 'prints this')
    .showHelpAfterError()
    .configureOutput({
      // A suggestion such as "(Did you mean --seed?)" would stand on a line of its own.
      outputError: (message, write) => write(`${message.trimEnd().replaceAll('\n', ' ')}\n`),
    });
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };
}

function text(value: string): string {
  if (value.trim() !== '') return value;
  throw new InvalidArgumentError('Expected some text.');
}
