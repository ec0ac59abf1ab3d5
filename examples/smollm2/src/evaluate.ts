import {BACKEND_NAMES, type BackendName, useBackend, wholeNumber} from '@subset-tuning/example-shared';
import {loadEncoderDecoder, loadModel} from '@subset-tuning/models';
import {evaluate} from '@subset-tuning/tasks';
import {Command, InvalidArgumentError, Option} from 'commander';

interface Arguments {
  model: string;
  t5?: boolean;
  task: string;
  data: string;
  split?: string;
  prompt?: string;
  limit?: number;
  shots?: number;
  sampler?: 'random' | 'first';
  seed?: number;
  chat?: boolean;
  system?: string;
  batchSize?: number;
  maxTokens?: number;
  backend: BackendName;
  out?: string;
}

// npm runs scripts in the repository's root; files are named from where the user is.
process.chdir(process.env.INIT_CWD ?? '.');
const command = new Command('npm run evaluate --')
  .description('Asks a model about the rows of a task and prints its scores, as lm-evaluation-harness counts them.')
  .requiredOption('--model <path>', 'a GGUF file, a folder in safetensors, its URL, or owner/name on the hub')
  .option('--t5', 'the model is one of encoder and decoder')
  .requiredOption('--task <name>', 'boolq, cb, copa, gsm8k and so on')
  .requiredOption('--data <place>', "the folder of the task's data set, its URL, or datasets/owner/name on the hub")
  .option('--split <name>', 'which rows; those of the task without it')
  .option('--prompt <name>', "one of the task's prompts: causal, chainOfThought, textToText")
  .option('--limit <n>', 'at most so many rows', wholeNumber)
  .option('--shots <n>', 'rows that are shown with their answers', zeroOrMore)
  .addOption(new Option('--sampler <name>', 'which rows those are').choices(['random', 'first']))
  .option('--seed <n>', 'of random shots', zeroOrMore)
  .option('--chat', "asks by the model's chat template")
  .option('--system <text>', 'what is said first')
  .option('--batch-size <n>', 'rows at a time', wholeNumber)
  .option('--max-tokens <n>', 'at most so many tokens of an answer', wholeNumber)
  .addOption(new Option('--backend <name>', 'where it computes').choices(BACKEND_NAMES).default('wasm'))
  .option('--out <folder>', 'receives results_….json and samples_….jsonl')
  .parse();
const {model: path, t5, task, backend, out, ...options} = command.opts<Arguments>();

await useBackend(backend);
const model = await (t5 ? loadEncoderDecoder(path) : loadModel(path));
const controller = new AbortController();
process.once('SIGINT', () => controller.abort(new Error('interrupted; the rows that were answered are written')));
try {
  const {scores, results} = await evaluate(model, task, {
    ...options,
    signal: controller.signal,
    onProgress: ({done, total}) => console.error(`${done} of ${total} rows`),
    ...(out !== undefined && {output: out}),
  });
  for (const {metric, filter, value, standardError} of scores) {
    const name = filter === 'none' ? metric : `${metric}, ${filter}`;
    console.log(`${name}: ${value.toFixed(4)}${standardError === undefined ? '' : ` ± ${standardError.toFixed(4)}`}`);
  }
  console.log(`${results.total_evaluation_time_seconds} s`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  model.dispose();
}

function zeroOrMore(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number of at least 0.');
}
