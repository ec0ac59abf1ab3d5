import {fileURLToPath} from 'node:url';
import {wholeNumber} from '@subset-tuning/example-shared';
import {Command} from 'commander';
import {CELLS, study} from './study.js';
import {studyTable} from './study-table.js';

interface Arguments {
  model: string;
  train: string;
  test: string;
  steps: number;
  rows: number;
  heldOut: number;
  out: string;
}

const command = new Command('npm run study -w examples/smollm2 --')
  .description('Tunes 0.01 % of a model by each choice of a subset and prints the loss of held-out answers.')
  .requiredOption('--model <folder>', 'a checkpoint in safetensors, such as convert_smollm2.py makes')
  .requiredOption('--train <file>', "GSM8K's train.jsonl")
  .requiredOption('--test <file>', "GSM8K's test.jsonl")
  .option('--steps <n>', 'steps of each run', wholeNumber, 40)
  .option('--rows <n>', 'problems a step', wholeNumber, 1)
  .option('--held-out <n>', 'problems that are measured on', wholeNumber, 24)
  .option('--out <file>', 'receives the results', fileURLToPath(new URL('../results/study.json', import.meta.url)))
  .parse();
const {model, train, test, steps, rows, heldOut, out} = command.opts<Arguments>();
const setting = {...{model, train, test, steps, heldOut}, rowsPerStep: rows, tokensAtMost: 160, density: 1e-4};
const {rows: results} = await study(setting, out, CELLS, ({method, learningRate, loss, changedParameters}) => {
  console.log(
    `${method}, learning rate ${learningRate}: loss ${loss.toFixed(3)}, ${changedParameters} weights changed`,
  );
});
console.log(studyTable(results));
