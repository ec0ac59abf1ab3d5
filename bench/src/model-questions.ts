import {availableParallelism, cpus} from 'node:os';
import {basename} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Arguments} from './arguments.js';
import {MeasuringProcess} from './measuring-process.js';
import type {ModelRow, ModelTimes} from './model-rows.js';
import {spread} from './times.js';

/** What a measuring process prints when it has loaded its model. */
export interface Loaded {
  ms: number;
  peakBytes: number;
  /** How many parameters. */
  n: number;
  vocabularySize: number;
}

/** What it prints of a step. */
export interface Stepped {
  ms: number;
  optimizerMs: number;
  peakBytes: number;
  loss: number;
}

/** What our measuring process is told, as JSON. */
export interface ModelTask extends Pick<Arguments, 'backend' | 'tokens' | 'recompute' | 'software' | 'subgroups'> {
  question: string;
  model: string;
  density: number;
}

/** One side: what starts its process. */
interface Side {
  name: string;
  start(): MeasuringProcess;
}

/**
 * How long does it take, and how much memory, to load a model or to train it for a step? Ours beside transformers and
 * PyTorch where a Python that has them is named, on as many threads as the backend has, in turns. Each side is a process.
 */
export async function askAboutModel(options: Arguments, model: string): Promise<ModelRow> {
  const {question, backend, tokens, recompute, densities, python, turns} = options;
  const [density] = densities;
  const ours: Side = {name: backend, start: () => startOurs({...options, model, density})};
  const sides = [ours, ...(python === undefined ? [] : [pytorch(python, options, model)])];
  if (python === undefined)
    console.warn('nothing to compare with: --python names a Python with torch, transformers, gguf');
  const device = cpus()[0]?.model ?? 'unknown processor';
  const measured = question === 'load' ? await load(sides, turns ?? 3) : await train(sides, turns ?? 4);
  const {n, times} = measured;
  const [own, other] = times;
  const row: ModelRow = {
    ...{question: question === 'load' ? 'load' : 'train', backend, device, model: basename(model), n},
    ...(question === 'train' && {density, tokens, recompute, stateBytes: 4 * 4 * n}),
    ours: own,
    ...(other && {other: {name: sides[1].name, ...other}, ratio: other.median / own.median}),
  };
  for (const [i, side] of sides.entries()) console.log(line(side.name, times[i], row.stateBytes));
  if (row.ratio !== undefined) console.log(`ours takes ${(1 / row.ratio).toFixed(2)} times as long`);
  return row;
}

interface Measured {
  n: number;
  /** Of each side. */
  times: ModelTimes[];
}

/** A process a turn, for a file is read only once from where it lies. */
async function load(sides: readonly Side[], turns: number): Promise<Measured> {
  const found = sides.map((): Loaded[] => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, side] of sides.entries()) {
      const process = side.start();
      try {
        found[i].push(await process.next());
      } finally {
        await process.end();
      }
    }
  }
  return {n: found[0][0].n, times: found.map((all) => ({...spread(all.map(({ms}) => ms)), peakBytes: peakOf(all)}))};
}

/** A step of each side, which counts only for memory and loss, then steps in turns. */
async function train(sides: readonly Side[], turns: number): Promise<Measured> {
  const processes: MeasuringProcess[] = [];
  try {
    const steps = sides.map((): Stepped[] => []);
    let n = 0;
    for (const [i, side] of sides.entries()) {
      processes.push(side.start());
      const loaded = await processes[i].next<Loaded>();
      if (i === 0) n = loaded.n;
    }
    for (let turn = 0; turn <= turns; turn++) {
      for (const [i, process] of processes.entries()) steps[i].push(await process.ask());
    }
    checkLosses(sides, steps);
    const times = steps.map((all) => {
      const counted = all.slice(1);
      return {
        ...spread(counted.map(({ms}) => ms)),
        ...{peakBytes: peakOf(all), loss: all[0].loss},
        optimizer: spread(counted.map(({optimizerMs}) => optimizerMs)),
      };
    });
    return {n, times};
  } finally {
    await Promise.all(processes.map((process) => process.end()));
  }
}

/** Both sides must have computed the same. */
function checkLosses(sides: readonly Side[], steps: readonly Stepped[][]): void {
  const [ours] = steps[0];
  for (const [i, [{loss}]] of steps.entries()) {
    if (Math.abs(loss - ours.loss) <= 1e-3 * Math.abs(loss)) continue;
    throw new Error(`the first loss of ${sides[i].name} is ${loss}, expected that of ${sides[0].name}, ${ours.loss}`);
  }
}

function peakOf(all: readonly {peakBytes: number}[]): number {
  return Math.max(...all.map(({peakBytes}) => peakBytes));
}

function startOurs(task: ModelTask): MeasuringProcess {
  const {question, backend, model, tokens, recompute, density, software, subgroups} = task;
  const own: ModelTask = {question, backend, model, tokens, recompute, density, software, subgroups};
  return new MeasuringProcess(process.execPath, [pathOf('./measure-model.js'), JSON.stringify(own)]);
}

function pytorch(python: string, {question, backend, tokens}: Arguments, model: string): Side {
  const threads = ['cpu', 'wasm'].includes(backend) ? 1 : availableParallelism();
  const args = ['--model', model, '--tokens', String(tokens), '--threads', String(threads)];
  return {
    name: `transformers and PyTorch, ${threads} thread${threads === 1 ? '' : 's'}`,
    start: () => new MeasuringProcess(python, [pathOf('../pytorch_model.py'), question, ...args]),
  };
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

function line(name: string, {median, min, max, peakBytes, optimizer}: ModelTimes, stateBytes?: number): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(2);
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(2);
  const share = optimizer && `, ${((100 * optimizer.median) / median).toFixed(1)} % of it the optimizer`;
  const above = stateBytes && `, ${gigabytes(peakBytes - stateBytes)} GB above weights, slots and gradients`;
  return `${name}: ${seconds(median)} s (${seconds(min)}–${seconds(max)})${share ?? ''}, peak ${gigabytes(peakBytes)} GB${above ?? ''}`;
}
