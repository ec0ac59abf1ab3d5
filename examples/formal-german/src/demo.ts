import {mkdirSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {parseArgs} from 'node:util';
import {resultsFolder} from './folders.js';
import {runGrid} from './grid.js';
import {gridFile} from './recipes.js';
import {resultsTable, translationsTable} from './results-table.js';
import {runDemo} from './run-demo.js';
import {createRunner} from './runner.js';
import {summariseSeeds} from './seeds.js';
import {seedsTable} from './seeds-table.js';
import {FULL, QUICK} from './settings.js';
import {findDeltas, translateWithDeltas} from './translate-with-deltas.js';
import {useBackend} from './use-backend.js';

const usage = `npm run demo -- [options]

Teaches an English-German translator to say "Sie" by changing a handful of its weights.

  --quick             fewer methods and steps
  --backend NAME      tensorflow, wasm or cpu; default: the first of these that is installed
  --seed N            order of the data and draw of the random subsets; default 1
  --steps N           steps of each method
  --out FOLDER        default demo-report
  --translate TEXT    your sentence by the seed and by each delta of the last run in the folder
  --seeds N           the whole comparison with seeds 1 to N; writes results/seeds.json
  --grid              tries every learning rate on validation; writes results/grid.json
  --help`;

const {values} = parseArgs({
  options: {
    quick: {type: 'boolean', default: false},
    backend: {type: 'string'},
    seed: {type: 'string', default: '1'},
    steps: {type: 'string'},
    out: {type: 'string', default: 'demo-report'},
    translate: {type: 'string'},
    seeds: {type: 'string'},
    grid: {type: 'boolean', default: false},
    help: {type: 'boolean', default: false},
  },
});

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${option} is '${text}', expected a whole number of at least ${least}`);
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const seed = wholeNumber('seed', values.seed, 0);
  const settings = values.quick ? QUICK : FULL;
  const steps = values.steps === undefined ? settings.steps : wholeNumber('steps', values.steps, 1);
  const seeds = values.seeds === undefined ? undefined : wholeNumber('seeds', values.seeds, 2);
  const out = resolve(values.out);
  const backend = await useBackend(values.backend);
  const runner = createRunner(backend);
  const options = {...settings, steps, backend, seed, quick: values.quick, out};
  try {
    if (values.grid) {
      const result = await runGrid(runner, backend);
      mkdirSync(resultsFolder, {recursive: true});
      writeFileSync(gridFile, `${JSON.stringify(result, null, 1)}\n`);
      console.log(`${gridFile}\n`, result.chosen);
    } else if (seeds !== undefined) {
      const reports = [];
      for (let seed = 1; seed <= seeds; seed++) {
        const report = await runDemo(runner, {...options, seed});
        console.log(`seed ${seed}\n${resultsTable(report)}`);
        reports.push(report);
      }
      const file = join(resultsFolder, 'seeds.json');
      const result = summariseSeeds(reports);
      writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
      console.log(`${seedsTable(result)}\n\n${file}`);
    } else if (values.translate !== undefined) {
      // Without deltas a quick run makes them first.
      if (findDeltas(out).length === 0) await runDemo(runner, {...options, ...QUICK, quick: true});
      const translations = await translateWithDeltas(values.translate, findDeltas(out));
      console.log(translationsTable([{source: values.translate, translations}]));
    } else {
      const report = await runDemo(runner, options);
      const shown = report.sentences.slice(0, 5).map(({source}, i) => {
        return {source, translations: report.methods.map(({name, translations}) => ({name, german: translations[i]}))};
      });
      console.log(`\n${resultsTable(report)}\n\n${translationsTable(shown)}\n`);
      for (const {name, predicted} of report.methods) {
        if (predicted === undefined) continue;
        console.log(`${name}: ${(100 * predicted).toFixed(1)} % of selections predicted, after the tenth step`);
      }
      const {reloadBitExact, revertBitExact} = report.proofs;
      console.log(`seed from disk + delta = tuned model, bit for bit: ${reloadBitExact ? 'yes' : 'NO'}`);
      console.log(`delta taken back = seed, bit for bit: ${revertBitExact ? 'yes' : 'NO'}`);
      console.log(`${Math.round(report.seconds)} s on ${backend}. ${pathToFileURL(join(out, 'index.html'))}`);
      if (!reloadBitExact || !revertBitExact) process.exitCode = 1;
    }
  } finally {
    await runner.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
