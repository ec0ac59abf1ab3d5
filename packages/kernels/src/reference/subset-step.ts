import {Info, Path, type SelectionAttrs, SLOT_COUNT, type SubsetStepAttrs} from '../contract.js';
import {distanceBetween, fisherImportance} from '../distance.js';
import type {SubsetStateArrays} from '../subset-state.js';
import {bitsOf, joinRow, splitRow, stateOfRow, subsetRow} from './rows.js';
import {selectLargest} from './select.js';
import {propose} from './update-rule.js';

/** The arrays of a silo before a step: one a tensor, `slots[j]` holding those of slot j. */
export interface StepArrays {
  parameters: readonly Float32Array[];
  gradients: readonly Float32Array[];
  slots: readonly (readonly Float32Array[])[];
  state: SubsetStateArrays;
  /** By which every gradient is multiplied first. Default 1. */
  scale?: number;
}

/**
 * One step of subset tuning, the whole method on plain arrays: `SubsetStep` as it is meant, and what every kernel is
 * tested against. All arithmetic is float32. No input is modified.
 */
export function referenceSubsetStep(
  {parameters, gradients, slots, state, scale = 1}: StepArrays,
  attrs: Omit<SubsetStepAttrs, 'scaled'>,
): {parameters: Float32Array[]; slots: Float32Array[][]; state: SubsetStateArrays} {
  const {sizes, numbers} = attrs;
  const theta = joinRow(parameters);
  const gradient = joinRow(gradients).map((g) => Math.fround(g * Math.fround(scale)));
  const newSlots = slots.slice(0, SLOT_COUNT[numbers.rule]).map(joinRow);
  const seed = seedRow(theta, state, sizes);

  // 1. The update rule proposes a new value for every parameter. A gradient that is not finite changes nothing.
  const proposal = theta.slice();
  let nonFiniteGradients = 0;
  theta.forEach((value, i) => {
    if (Number.isFinite(gradient[i])) proposal[i] = propose(numbers, value, gradient[i], newSlots, i, seed[i]);
    else nonFiniteGradients++;
  });

  // 2. to 4.
  const importance =
    attrs.distance === 'fisher' && numbers.rule === 'adam'
      ? newSlots[1].map((v) => fisherImportance(v, numbers))
      : undefined;
  const [newTheta, newState] = chooseAndReset(proposal, theta, importance, state, attrs);
  newState[2][Info.nonFiniteGradients] = nonFiniteGradients;
  return {
    parameters: splitRow(newTheta, sizes),
    slots: newSlots.map((row) => splitRow(row, sizes)),
    state: newState,
  };
}

/** Steps 2 to 4 of the method, for rows that lay a silo's tensors end to end. */
export function chooseAndReset(
  proposal: Float32Array,
  theta: Float32Array,
  importance: Float32Array | undefined,
  state: SubsetStateArrays,
  {sizes, k, distance, eta, reselect}: SelectionAttrs,
): [newTheta: Float32Array, newState: SubsetStateArrays] {
  const seed = seedRow(theta, state, sizes);
  const before = subsetRow(state, sizes);

  // 2. How far does each proposal lie from its seed?
  const metric = distance === 'fisher' ? 'absolute' : distance;
  const distances = proposal.map((a, i) => distanceBetween(a, seed[i], metric, eta, importance?.[i]));

  // 3. The k farthest are the subset.
  const chosen = reselect ? selectLargest(distances, k) : before;

  // 4. They take what is proposed; everything else is the seed, bit for bit.
  const newTheta = seed.slice();
  for (const i of chosen) {
    bitsOf(newTheta)[i] = bitsOf(Number.isFinite(proposal[i]) ? proposal : theta)[i];
  }

  const newState = stateOfRow(chosen, seed, sizes, reselect ? k : state[1].length);
  const info = state[2].slice();
  const wasChosen = new Set(before);
  const isChosen = new Set(chosen);
  info[Info.size] = chosen.length;
  info[Info.entered] = chosen.filter((i) => !wasChosen.has(i)).length;
  info[Info.left] = before.filter((i) => !isChosen.has(i)).length;
  info[Info.nonFiniteGradients] = 0;
  info[Info.nonFiniteProposals] = proposal.filter((value) => !Number.isFinite(value)).length;
  info[Info.path] = Path.kept;
  if (reselect) {
    // The reference predicts nothing, so that no selection of its is a hit.
    info[Info.path] = Path.miss;
    info[Info.misses]++;
    const smallest = chosen.reduce((least, i) => Math.min(least, distances[i]), Number.POSITIVE_INFINITY);
    info[Info.threshold] = chosen.length > 0 ? bitsOf(Float32Array.of(smallest))[0] : 0;
  }
  newState[2] = info;
  return [newTheta, newState];
}

/** Θ(0): where a parameter is in the subset the seed that the state remembers, else the parameter itself. */
export function seedRow(theta: Float32Array, state: SubsetStateArrays, sizes: readonly number[]): Float32Array {
  const seed = theta.slice();
  subsetRow(state, sizes).forEach((i, rank) => {
    bitsOf(seed)[i] = bitsOf(state[1])[rank];
  });
  return seed;
}
