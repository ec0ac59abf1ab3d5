import {SubsetProject, type SubsetProjectAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {chooseAndReset} from './choose-and-reset.js';
import {Eager} from './eager.js';
import {givenWeights} from './measure.js';
import {nativeAddon} from './native-addon.js';
import {nativeSubsetProject} from './native-step.js';
import type {NodeBackend} from './node-backend.js';
import {openSilo, seedVariable} from './silo.js';

/** Selection and reset through TensorFlow's own ops. See `select-largest.ts`. */
function subsetProject(inputs: readonly TensorInfo[], backend: NodeBackend, attrs: SubsetProjectAttrs): TensorInfo[] {
  const addon = nativeAddon(backend);
  if (addon) return nativeSubsetProject(inputs, backend, addon, attrs);
  const eager = new Eager(backend);
  const count = attrs.sizes.length;
  const current = inputs.slice(count, 2 * count);
  const [mask, seeds, info] = inputs.slice(-3);
  let results: TensorInfo[] = [];
  eager.tidy(() => {
    const theta = current.map((one) => eager.row(one));
    const silo = openSilo(eager, attrs, theta, eager.row(mask), eager.row(seeds));
    const proposals = inputs.slice(0, count).map((one) => eager.row(one));
    const seedVariables = attrs.sizes.map((_, tensor) => seedVariable(eager, silo, tensor));
    const given = {theta: current, mask, seeds, info: eager.read(eager.row(info))};
    const weights = attrs.important
      ? inputs.slice(2 * count, 3 * count).map((one) => givenWeights(eager, eager.row(one)))
      : undefined;
    const makeOutputs = chooseAndReset(eager, backend, silo, proposals, seedVariables, given, 0, attrs, weights);
    const outputs = makeOutputs();
    results = [...outputs.parameters, ...outputs.state];
    return undefined;
  });
  return results;
}

export const subsetProjectConfig: KernelConfig = {
  kernelName: SubsetProject,
  backendName: 'tensorflow',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    subsetProject(
      inputs as unknown as readonly TensorInfo[],
      backend as NodeBackend,
      attrs as unknown as SubsetProjectAttrs,
    ),
};
