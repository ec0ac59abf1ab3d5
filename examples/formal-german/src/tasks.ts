import {readFileSync} from 'node:fs';
import type {MessagePort} from 'node:worker_threads';
import {loadModel} from '@subset-tuning/models';
import type {CurvePoint} from '@subset-tuning/trainer';
import type {BackendName} from './backend-names.js';
import {dataFolder, seedFolder} from './folders.js';
import {loadData} from './load-data.js';
import {measure} from './measure.js';
import type {Recipe} from './methods.js';
import {type Outputs, prove} from './prove.js';
import type {MethodReport, Report} from './report.js';
import {type Run, run} from './run.js';
import type {TuneOptions} from './tune.js';
import {useBackend} from './use-backend.js';

/**
 * The units of work that the demo hands out, each in a thread of its own (`runner.ts`): they read what they need from
 * disk, and inputs and results can be cloned.
 */

export type Split = 'validation' | 'test';

export interface MeasureSeedInput {
  backend: BackendName;
  split: Split;
}
export async function measureSeed({
  backend,
  split,
}: MeasureSeedInput): Promise<Pick<Report, 'tensors'> & {report: MethodReport}> {
  await useBackend(backend);
  const model = await loadModel(seedFolder);
  try {
    const tensors = Array.from(model.weights.values(), ({name, shape}) => ({name, shape: [...shape]}));
    const totalParameters = Array.from(model.weights.values()).reduce((sum, {size}) => sum + size, 0);
    const report: MethodReport = {
      method: 'seed',
      density: 0,
      changedParameters: 0,
      totalParameters,
      bytes: 0,
      ...(await measure(model, loadData(dataFolder)[split])),
      name: 'seed',
      learningRate: 0,
      trainingSeconds: 0,
      curve: [],
      validation: [],
      snapshots: [],
    };
    return {tensors, report};
  } finally {
    model.dispose();
  }
}

export interface TuneInput {
  backend: BackendName;
  split: Split;
  recipe: Recipe;
  options: Omit<TuneOptions, 'onStep'>;
  /** Receives each {@link CurvePoint}. */
  port?: MessagePort;
}
export async function tuneAndMeasure({backend, split, recipe, options, port}: TuneInput): Promise<Run> {
  await useBackend(backend);
  const data = loadData(dataFolder);
  const onStep = (point: CurvePoint) => port?.postMessage(point);
  return run(data, data[split], recipe, {...options, onStep});
}

export interface ProveInput {
  backend: BackendName;
  split: Split;
  deltaFile: string;
  outputs: Outputs;
}
export async function proveDelta({backend, split, deltaFile, outputs}: ProveInput): Promise<Report['proofs']> {
  await useBackend(backend);
  return prove(seedFolder, loadData(dataFolder)[split], {file: readFileSync(deltaFile), outputs});
}
