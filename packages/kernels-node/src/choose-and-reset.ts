import {Info, maskWords, Path, type SelectionAttrs} from '@subset-tuning/kernels';
import type {Tensor, TensorInfo} from '@tensorflow/tfjs-core';
import type {Eager} from './eager.js';
import {finite, type Weights} from './measure.js';
import type {Handle, NodeBackend} from './node-backend.js';
import {selectLargest} from './select-largest.js';
import {type Silo, splitPlaces} from './silo.js';
import {countCommon, wordsOf} from './subset-mask.js';

/** The tensors that a kernel was given, of which its outputs take the shapes, and the state. */
export interface Given {
  theta: readonly TensorInfo[];
  mask: TensorInfo;
  seeds: TensorInfo;
  /** The values of the state's info. */
  info: Int32Array;
}

/** Makes the outputs once all is computed: up to then nothing has been given away. */
export type Outputs = () => {parameters: Tensor[]; state: TensorInfo[]};

/**
 * Steps 2 to 4 of the method: what the subset is, what of the proposals it lets through and what becomes the seed again.
 * The proposals are only read; the variables of the seeds become the new parameters.
 */
export function chooseAndReset(
  eager: Eager,
  backend: NodeBackend,
  silo: Silo,
  proposals: readonly Handle[],
  seedVariables: readonly Handle[],
  given: Given,
  nonFiniteGradients: number,
  attrs: SelectionAttrs,
  weights?: readonly Weights[],
): Outputs {
  const info = given.info.slice();
  info[Info.nonFiniteGradients] = nonFiniteGradients;
  const state: (() => TensorInfo)[] = [];
  if (attrs.reselect) {
    const selection = selectNew(eager, silo, proposals, seedVariables, attrs, weights);
    const {size, places, threshold, nonFinite} = selection;
    splitPlaces(eager, places, silo.starts).forEach((own, tensor) => {
      if (own.length === 0) return;
      eager.scatter(seedVariables[tensor], own.places, eager.slice(selection.values, own.first, own.length));
    });
    const words = maskWords(attrs.sizes);
    const mask = wordsOf(eager, places, words);
    const stayed = countCommon(eager, silo.mask, mask);
    info[Info.size] = size;
    info[Info.entered] = size - stayed;
    info[Info.left] = silo.sizeBefore - stayed;
    info[Info.threshold] = threshold;
    info[Info.nonFiniteProposals] = nonFinite;
    info[Info.path] = Path.miss;
    info[Info.misses]++;
    const capacity = Math.max(1, attrs.k);
    const seeds = eager.concat([selection.seeds, eager.fill(capacity - size, 0, eager.float)]);
    state.push(
      () => eager.toTensor(mask, [words]),
      () => eager.toTensor(seeds, [capacity]),
    );
  } else {
    keepOld(eager, silo, proposals, seedVariables);
    info[Info.size] = silo.sizeBefore;
    info[Info.entered] = 0;
    info[Info.left] = 0;
    info[Info.nonFiniteProposals] = proposals.reduce((sum, row) => sum + countNonFinite(eager, row), 0);
    info[Info.path] = Path.kept;
    state.push(
      () => share(backend, given.mask),
      () => share(backend, given.seeds),
    );
  }
  const theta = seedVariables.map((variable) => eager.readVariable(variable));
  const newInfo = eager.ints(info);
  return () => ({
    parameters: theta.map((row, tensor) => eager.toTensor(row, given.theta[tensor].shape)),
    state: [...state.map((make) => make()), eager.toTensor(newInfo, [info.length])],
  });
}

function selectNew(
  eager: Eager,
  {starts}: Silo,
  proposals: readonly Handle[],
  seedVariables: readonly Handle[],
  {k, distance, eta}: SelectionAttrs,
  weights?: readonly Weights[],
) {
  // Handles on the seeds must be gone before the variables are written, or they would be copied.
  const seeds = seedVariables.map((variable) => eager.readVariable(variable));
  try {
    const metric = {distance: distance === 'fisher' ? 'absolute' : distance, eta} as const;
    return selectLargest(eager, {values: proposals, seeds, starts, weights}, k, metric);
  } finally {
    for (const seed of seeds) eager.free(seed);
  }
}

/** Writes the proposals of the subset before, but for those that are not finite: there the current value stays. */
function keepOld(
  eager: Eager,
  {before, theta}: Silo,
  proposals: readonly Handle[],
  seedVariables: readonly Handle[],
): void {
  before.forEach(({places}, tensor) => {
    if (places.shape[0] === 0) return;
    const proposed = eager.gather(proposals[tensor], places);
    const current = eager.gather(theta[tensor], places);
    eager.scatter(seedVariables[tensor], places, eager.select(finite(eager, proposed), proposed, current));
  });
}

/** How many of a row are not finite. Only where the sum is not finite either are they counted. */
export function countNonFinite(eager: Eager, row: Handle): number {
  let count = 0;
  eager.tidy(() => {
    if (!Number.isFinite(eager.readFloat(eager.sum(row)))) {
      count = row.shape[0] - eager.count(finite(eager, row));
    }
    return undefined;
  });
  return count;
}

/** The same data as a further output. */
function share(backend: NodeBackend, {dataId, shape, dtype}: TensorInfo): TensorInfo {
  backend.incRef(dataId);
  return {dataId, shape, dtype};
}
