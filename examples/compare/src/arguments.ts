import {availableParallelism} from 'node:os';
import {BACKEND_NAMES, type BackendName, wholeNumber} from '@subset-tuning/example-shared';
import {Command, InvalidArgumentError, Option} from 'commander';

/** What the command was asked for. */
export interface Arguments {
  model: string;
  task: string;
  data?: string;
  budgets: (number | 'full')[];
  methods?: string[];
  seeds: number;
  steps: number;
  tokensPerStep: number;
  backend: BackendName;
  name?: string;
  out: string;
  jobs: number;
  plan?: true;
  soFar?: true;
}

/**
 * The command's options. Its `parse` prints help and ends the process; where an option is wrong it names it in one line,
 * prints the usage, and ends with status 1.
 */
export function createCommand(): Command {
  return new Command('npm run compare --')
    .description('Compares ways to tune a model, budget by budget: runs every cell, and writes table and figures.')
    .option(
      '--model <name>',
      'tiny-translator, which is embedded; all-MiniLM-L6-v2 and SmolLM2-135M-Instruct, which `npm run models` gets; or a path',
      text,
      'tiny-translator',
    )
    .option('--task <name>', 'what it is tuned for', text, 'formal-german')
    .option('--data <folder>', 'the folder of data sets, for tasks that need one', text)
    .option('--budgets <list>', 'most values stored, such as 1e3,1e4,full', budgets, [1000, 10_000, 100_000, 1_000_000])
    .option('--methods <list>', 'names, separated by commas; default: all that there are', names)
    .option('--seeds <n>', 'runs of each method at each budget', wholeNumber, 3)
    .option('--steps <n>', 'steps of each run', wholeNumber, 60)
    .option('--tokens-per-step <n>', 'about how many tokens a step sees', wholeNumber, 1024)
    .addOption(new Option('--backend <name>', 'where it computes').choices(BACKEND_NAMES).default('wasm'))
    .option('--name <name>', 'what the results are called; default: model and task', folderName)
    .option('--out <folder>', 'receives a folder of that name', text, 'results')
    .option('--jobs <n>', 'runs at a time', wholeNumber, Math.min(2, availableParallelism()))
    .option('--so-far', 'runs nothing: writes what the runs that are there come to, and names what is missing')
    .option('--plan', 'only says what each budget comes to for each method')
    .helpOption('-h, --help', 'prints this')
    .allowExcessArguments(false)
    .showHelpAfterError()
    .configureOutput({
      // A suggestion such as "(Did you mean --seeds?)" would stand on a line of its own.
      outputError: (message, write) => write(`${message.trimEnd().replaceAll('\n', ' ')}\n`),
    });
}

function text(given: string): string {
  if (given.trim() !== '') return given;
  throw new InvalidArgumentError('Expected some text.');
}

function folderName(given: string): string {
  if (/^[\w][\w.-]*$/.test(given)) return given;
  throw new InvalidArgumentError('Expected letters, digits, dots, dashes and underscores.');
}

function names(given: string): string[] {
  const list = given.split(',').map((name) => name.trim());
  if (list.every((name) => name !== '') && new Set(list).size === list.length) return list;
  throw new InvalidArgumentError('Expected names separated by commas, each once.');
}

function budgets(given: string): (number | 'full')[] {
  const list = given.split(',').map((part) => (part.trim() === 'full' ? 'full' : Number(part.trim() || Number.NaN)));
  const isSound = list.every((budget) => budget === 'full' || (Number.isSafeInteger(budget) && budget >= 1));
  if (isSound && new Set(list).size === list.length) return list;
  throw new InvalidArgumentError('Expected whole numbers of at least 1, such as 1000 or 1e3, or full, each once.');
}
