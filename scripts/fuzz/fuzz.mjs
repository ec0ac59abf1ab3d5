// `npm run fuzz -- --target safetensors|gguf --cases N [--seed S] [--json FILE]`: reads N mutated files and tells how many
// were loaded and refused, how many crashed the reader or hung it, and the most memory that one took beyond the float32
// tensors that its size allows. Case I of seed S is always the same file.
import {fork} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

/** A case that takes so long is stuck: they take milliseconds. */
const PATIENCE_MS = 30_000;
/** And a process that takes so long to start. */
const START_MS = 120_000;
/** Bytes beyond its tensors that a case may take: V8's own heap grows by some. */
const MOST_EXTRA = 2 ** 26;

/** Runs cases in a process of their own, and in another one after a case that ended it. */
async function fuzz({target, cases, seed, patience, targets = fileURLToPath(new URL('targets.mjs', import.meta.url))}) {
  const report = {cases: 0, loaded: 0, refused: 0, crashes: 0, hangs: 0, maxExtraBytes: 0};
  for (let first = 0; first < cases; first = report.cases) await runFrom(first);
  return report;

  function runFrom(first) {
    return new Promise((done, fail) => {
      const execArgv = ['--expose-gc', '--max-old-space-size=1024'];
      const worker = fork(fileURLToPath(new URL('worker.mjs', import.meta.url)), [targets, target], {execArgv});
      let current;
      let hung = false;
      const wait = (ms) =>
        setTimeout(() => {
          hung = true;
          worker.kill('SIGKILL');
        }, ms);
      let timer = wait(Math.max(patience, START_MS));
      const count = (outcome, index, why) => {
        report.cases++;
        report[outcome]++;
        if (outcome === 'crashes' || outcome === 'hangs')
          console.error(`case ${index} of seed ${seed} ${outcome}: ${why}`);
      };
      worker.on('message', ({ready, index, outcome, why, extra}) => {
        clearTimeout(timer);
        timer = wait(patience);
        if (ready) worker.send({first, cases, seed});
        else if (outcome === undefined) current = index;
        else {
          current = undefined;
          report.maxExtraBytes = Math.max(report.maxExtraBytes, extra);
          count(outcome, index, why);
          if (extra > MOST_EXTRA) console.error(`case ${index} of seed ${seed} took ${extra} bytes beyond its tensors`);
        }
      });
      worker.on('error', fail);
      worker.on('exit', (code, signal) => {
        clearTimeout(timer);
        if (current !== undefined)
          count(hung ? 'hangs' : 'crashes', current, `the process ended with ${signal ?? code}`);
        else if (report.cases < cases)
          return fail(new Error(`the worker ended with ${signal ?? code} between two cases`));
        done();
      });
    });
  }
}

async function main() {
  const {values} = parseArgs({
    options: {
      ...{target: {type: 'string'}, cases: {type: 'string'}, seed: {type: 'string'}, json: {type: 'string'}},
      // For tests of this script: a module like targets.mjs, and how long a case may take.
      ...{targets: {type: 'string'}, patience: {type: 'string'}},
    },
  });
  const {target = '', json} = values;
  const [cases, seed] = [Number(values.cases ?? 2000), Number(values.seed ?? 1)];
  if (!values.targets && !['safetensors', 'gguf'].includes(target)) {
    throw new Error(`--target is ${target}; expected safetensors or gguf`);
  }
  if (!Number.isInteger(cases) || cases < 1) throw new Error(`--cases is ${values.cases}; expected a whole number ≥ 1`);
  if (!Number.isInteger(seed) || seed < 0) throw new Error(`--seed is ${values.seed}; expected a whole number ≥ 0`);
  const patience = Number(values.patience ?? PATIENCE_MS);
  const report = await fuzz({target, cases, seed, patience, targets: values.targets});
  const text = JSON.stringify(report);
  // npm starts scripts in the root, wherever it was called.
  if (json) writeFileSync(resolve(process.env.INIT_CWD ?? '.', json), `${text}\n`);
  console.log(text);
  const isRight = report.crashes === 0 && report.hangs === 0 && report.maxExtraBytes <= MOST_EXTRA;
  process.exitCode = isRight ? 0 : 1;
}

await main();
