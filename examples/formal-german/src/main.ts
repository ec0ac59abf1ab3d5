import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Arguments} from './arguments.js';
import {dataFolder} from './folders.js';
import {choose, gridFile, runGrid, untried} from './grid.js';
import {loadData} from './load-data.js';
import {METHODS} from './methods.js';
import {pairedTable} from './paired-table.js';
import {resultsTable, translationsTable} from './results-table.js';
import {runDemo} from './run-demo.js';
import {createRunner, threadsFor} from './runner.js';
import {runSeeds, summariseSeeds} from './seeds.js';
import {seedsTable} from './seeds-table.js';
import {FULL, QUICK, type Settings} from './settings.js';
import {runStudy, trials} from './study/run-study.js';
import {studyTable} from './study/study-table.js';
import {measureRates, secondsFor, type Work, warningOfCpu, workOfCandidate, workOfMethod} from './time-on-cpu.js';
import {findDeltas, translateWithDeltas} from './translate-with-deltas.js';
import {useBackend} from './use-backend.js';

/** Does what the command was asked for. */
export async function main(values: Arguments): Promise<void> {
  const out = resolve(values.out);
  const {translate, seeds, seed} = values;
  // Without deltas to translate with, a quick run makes them first.
  const quick = values.quick === true || translate !== undefined;
  const settings = quick ? QUICK : FULL;
  const backend = await useBackend(values.backend);
  const options = {...settings, steps: values.steps ?? settings.steps, backend, seed, quick, out};
  if (translate !== undefined && findDeltas(out).length > 0) return printTranslations(translate, out);

  if (backend === 'cpu') await warn(values, options);
  const runner = createRunner(backend);
  try {
    if (values.grid) {
      const {rows} = await runGrid(runner, backend);
      console.log(`${gridFile}\n`, choose(rows));
    } else if (values.study) {
      const {rows} = await runStudy(runner, backend);
      console.log(studyTable(rows, (await runGrid(runner, backend)).rows));
    } else if (seeds !== undefined) {
      const {rows} = await runSeeds(runner, backend, seeds);
      console.log(`${seedsTable(summariseSeeds({rows}))}\n\n${pairedTable(rows)}`);
    } else {
      const report = await runDemo(runner, options);
      if (translate !== undefined) return await printTranslations(translate, out);
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

async function printTranslations(source: string, out: string): Promise<void> {
  console.log(translationsTable([{source, translations: await translateWithDeltas(source, findDeltas(out))}]));
}

/** On the cpu backend a run can take hours: says so before it begins. */
async function warn({grid, study, seeds}: Arguments, settings: Settings): Promise<void> {
  const data = loadData(dataFolder);
  const ofCandidate = workOfCandidate(FULL, data);
  const ofMethod = workOfMethod(settings, data);
  let [work, times]: [Work, number] = [ofMethod, settings.methods.length];
  if (grid) [work, times] = [ofCandidate, untried().length];
  else if (study) [work, times] = [ofCandidate, trials().reduce((sum, {steps}) => sum + steps / FULL.steps, 0)];
  else if (seeds !== undefined) times = seeds * METHODS.length;
  const rates = await measureRates(data);
  console.error(warningOfCpu(secondsFor(work, times, threadsFor('cpu'), rates), rates));
}
