import {mkdir, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {type Arguments, HELP, readArguments} from './arguments.js';
import {startBackend} from './backends.js';
import {DENSE_ADAM} from './dense-adam.js';
import {exposeGc} from './expose-gc.js';
import {askInChromium} from './in-chromium.js';
import {type MatMulRow, matMul} from './mat-mul.js';
import {pytorchStep} from './pytorch-step.js';
import {QUESTIONS} from './questions.js';
import type {Grid, Row} from './rows.js';

let options: Arguments | undefined;
try {
  options = readArguments();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  process.exitCode = 1;
}
if (options?.help) console.log(HELP);
else if (options) await run(options);

async function run({question, json, ...options}: Arguments): Promise<void> {
  const rows: (Row | MatMulRow)[] = question === 'mat-mul' ? await matMul() : await ask(question, options);
  if (json === undefined) return;
  await mkdir(dirname(json), {recursive: true});
  await writeFile(json, `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
  console.log(`${rows.length} rows in ${json}`);
}

async function ask(question: string, options: Pick<Arguments, 'backend' | 'sizes' | 'densities' | 'python'>) {
  const {backend, sizes, densities, python} = options;
  const rows: Row[] = [];
  const onRow = (row: Row) => {
    rows.push(row);
    console.log(Object.values(line(row)).join('  '));
  };
  const grid: Grid = {backend, sizes, densities, onRow};
  if (backend === 'webgl') {
    await askInChromium(question, grid);
  } else {
    exposeGc();
    await startBackend(backend);
    const pytorch = python === undefined ? undefined : pytorchStep.bind(undefined, python);
    await QUESTIONS[question]({...grid, dense: DENSE_ADAM[backend], pytorch});
  }
  console.table(rows.map(line));
  return rows;
}

function line({n, density, kernel, path, selection, ours, other, ratio}: Row): Record<string, string | number> {
  return {
    n,
    density,
    kernel: path === 'fused' ? kernel : `${kernel} (${path})`,
    ours: `${ours.median.toFixed(1)} ms${selection ? `, ${selection}` : ''}`,
    spread: `${ours.min.toFixed(1)}–${ours.max.toFixed(1)}`,
    other: `${other.name} ${other.median.toFixed(1)} ms`,
    ratio: `× ${ratio.toFixed(2)}`,
  };
}
