import * as tf from '@tensorflow/tfjs-core';
import {describe, expect, it} from 'vitest';
import {testScale} from '../../../test/scale.js';
import {dataFolder, seedFolder} from './folders.js';
import {type Data, loadData} from './load-data.js';
import {isMoving, METHODS} from './methods.js';
import {prove} from './prove.js';
import {run} from './run.js';

/** The demo's own data, cut to a few sentences. */
function fewSentences(): Data {
  const {train, validation, test} = loadData(dataFolder);
  const few = ({formal, formalPairs, nobody}: Data['test']) => {
    return {formal: formal.slice(0, 1), formalPairs: formalPairs.slice(0, 1), nobody: nobody.slice(0, 1)};
  };
  return {train, validation: few(validation), test: few(test)};
}

/** Each method once; in few tests, one on the slowest backend. */
const methods = METHODS.filter(({method, density}) => density === 0.01 || method === 'full').slice(
  ...(tf.getBackend() === 'cpu' && testScale < 1 ? [0, 1] : []),
);

describe('run', () => {
  it.each(methods)('tunes the seed by $method at density $density; its delta gives the same model', async (method) => {
    const data = fewSentences();
    const tensors = tf.memory().numTensors;
    const recipe = {...method, learningRate: 0.001};
    const options = {steps: 2, tokensPerStep: 48, seed: 1, watch: true};
    const {report, delta, outputs} = await run(data, data.test, recipe, options);
    expect(tf.memory().numTensors).toBe(tensors);

    const budget = Math.round(method.density * report.totalParameters);
    expect(report.totalParameters).toBeGreaterThan(1.5e6);
    expect(report.totalParameters).toBeLessThan(4e6);
    expect(report.changedParameters).toBeLessThanOrEqual(budget);
    // A weight without a gradient, such as a rare word's, stays as it is.
    expect(report.changedParameters).toBeGreaterThan(0.5 * budget);
    expect(report.bytes).toBe(delta.byteLength);
    expect(report.curve.map(({step}) => step)).toEqual([1, 2]);
    expect(report.translations.length).toBe(1);
    expect(report.validation[0].step).toBe(0);
    expect(report.snapshots.length).toBe(isMoving(method.method) ? 1 : 0);

    const proofs = await prove(seedFolder, data.test, {file: delta, outputs});
    expect(proofs).toEqual({reloadBitExact: true, revertBitExact: true});
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('does not take another model for the tuned one', async () => {
    const data = fewSentences();
    const recipe = {method: 'paper', density: 0.0001, learningRate: 0.1} as const;
    const options = {steps: 1, tokensPerStep: 48, seed: 1, watch: false};
    const {delta, outputs} = await run(data, data.test, recipe, options);
    outputs.logits[0] += 1e-5;
    expect(await prove(seedFolder, data.test, {file: delta, outputs})).toEqual({
      reloadBitExact: false,
      revertBitExact: true,
    });
  });

  it('gives the same run again for the same seed, and another for another', async () => {
    const data = fewSentences();
    const recipe = {method: 'random', density: 0.0001, learningRate: 0.1} as const;
    const deltaOf = async (seed: number) => {
      const options = {steps: 1, tokensPerStep: 48, seed, watch: false};
      return (await run(data, data.test, recipe, options)).delta;
    };
    const first = await deltaOf(1);
    expect(await deltaOf(1)).toEqual(first);
    expect(await deltaOf(2)).not.toEqual(first);
  });
});
