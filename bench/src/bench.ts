import {type Arguments, readArguments} from './arguments.js';
import {startBackend} from './backends.js';
import {exposeGc} from './expose-gc.js';
import {FLOORS} from './floors.js';
import {type MatMulRow, matMul} from './mat-mul.js';
import {askAboutModel} from './model-questions.js';
import type {ModelRow} from './model-rows.js';
import {pytorchStep} from './pytorch-step.js';
import {QUESTIONS} from './questions.js';
import type {Row} from './rows.js';
import {writeText} from './write-text.js';

/**
 * Asks a question and writes its rows, as the arguments say.
 *
 * @param backends those that are to be had here
 * @throws if an argument is off, the backend does not start, or what is measured fails
 */
export async function bench(args: string[], backends: readonly string[]): Promise<void> {
  const options = readArguments(args, backends);
  if (!options) return;
  if (options.question === 'mat-mul') await save(options.json, await matMulOf(options.threads));
  else if (options.model !== undefined) await save(options.json, [await askAboutModel(options, options.model)]);
  else await ask(options);
}

async function matMulOf(threads: number | undefined): Promise<MatMulRow[]> {
  if (threads === undefined) return matMul();
  return (await import('./in-chromium.js')).matMulInChromium(threads);
}

async function ask({
  question,
  backend,
  sizes,
  densities,
  distance,
  turns,
  without,
  python,
  json,
  ...dawn
}: Arguments): Promise<void> {
  const rows: Row[] = [];
  const onRow = async (row: Row) => {
    rows.push(row);
    console.log(Object.values(line(row)).join('  '));
    // At once, for what comes next may take too long.
    await save(json, rows);
  };
  const grid = {backend, sizes, densities, distance, turns, without, onRow};
  if (backend === 'webgl') {
    const {askInChromium} = await import('./in-chromium.js');
    await askInChromium(question, grid);
  } else {
    exposeGc();
    const started = await startBackend(backend, dawn);
    const pytorch = python === undefined ? undefined : pytorchStep.bind(undefined, python);
    await QUESTIONS[question]({...grid, ...started, floors: FLOORS[backend], pytorch});
  }
  console.table(rows.map(line));
}

async function save(json: string | undefined, rows: readonly (Row | MatMulRow | ModelRow)[]): Promise<void> {
  if (json !== undefined) await writeText(json, `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
}

function line({
  n,
  density,
  kernel,
  path,
  distance,
  selection,
  hits,
  ours,
  other,
  ratio,
  gpuRatio,
}: Row): Record<string, string | number> {
  return {
    n,
    density,
    kernel: `${kernel}${path === 'fused' ? '' : ` (${path})`}${distance ? `, ${distance}` : ''}`,
    ours: `${milliseconds(ours.median)} ms${selection ? `, ${selection}` : ''}${hits === undefined ? '' : `, ${(100 * hits).toFixed(0)} % hits`}`,
    spread: `${milliseconds(ours.min)}–${milliseconds(ours.max)}`,
    other: `${other.name} ${milliseconds(other.median)} ms`,
    ratio: `× ${ratio.toFixed(2)}`,
    ...(ours.gpu &&
      other.gpu &&
      gpuRatio !== undefined && {
        'by the GPU': `${milliseconds(ours.gpu.median)} ms / ${milliseconds(other.gpu.median)} ms, × ${gpuRatio.toFixed(2)}`,
      }),
  };
}

function milliseconds(value: number): string {
  return value.toFixed(value < 10 ? 3 : 1);
}
