import {createDelta, writeDelta} from '@subset-tuning/deltas';
import {loadModel} from '@subset-tuning/models';
import type {TensorChange} from '@subset-tuning/optimizer';
import {seedFolder} from './folders.js';
import type {Data, HeldOut} from './load-data.js';
import {measure} from './measure.js';
import {methodName, type Recipe} from './methods.js';
import {type Outputs, outputsOf} from './prove.js';
import type {MethodReport} from './report.js';
import {type TuneOptions, tune} from './tune.js';

export interface Run {
  report: MethodReport;
  /** What tuning changed, and the same as a file. */
  changes: TensorChange[];
  delta: Uint8Array;
  /** What the tuned model says, for the proof that the delta gives the same. */
  outputs: Outputs;
}

/** Loads the seed, tunes it by a recipe, measures it on held-out sentences and makes its delta. */
export async function run(data: Data, heldOut: HeldOut, recipe: Recipe, options: TuneOptions): Promise<Run> {
  const model = await loadModel(seedFolder, {id: 'formal-german-seed'});
  try {
    const {changes, ...tuned} = await tune(model, data, recipe, options);
    const delta = writeDelta(await createDelta(changes, {base: model.id, weights: model.weights}));
    const measures = await measure(model, heldOut);
    const totalParameters = Array.from(model.weights.values()).reduce((sum, {size}) => sum + size, 0);
    const report: MethodReport = {
      method: recipe.method,
      density: recipe.density,
      changedParameters: changes.reduce((sum, {positions}) => sum + positions.length, 0),
      totalParameters,
      bytes: delta.byteLength,
      ...measures,
      name: methodName(recipe),
      learningRate: recipe.learningRate,
      ...tuned,
    };
    return {report, changes, delta, outputs: await outputsOf(model, measures.translations, heldOut)};
  } finally {
    model.dispose();
  }
}
