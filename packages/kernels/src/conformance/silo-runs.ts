import {clone, type Scalar, scalar, type Tensor} from '@tensorflow/tfjs-core';
import type {Distance, FusedRule, StepDistance} from '../contract.js';
import {SLOT_COUNT, SubsetProject, type SubsetState, SubsetStep} from '../contract.js';
import {DEFAULT_ETA} from '../distance.js';
import {joinRow} from '../reference/rows.js';
import {referenceSubsetProject} from '../reference/subset-project.js';
import {referenceSubsetStep} from '../reference/subset-step.js';
import {subsetProject} from '../subset-project.js';
import {createState, readState, type SubsetStateArrays} from '../subset-state.js';
import {subsetStep} from '../subset-step.js';
import {subsetSteps} from '../subset-steps.js';
import {assertCloseFloats, assertEqual, assertSameFloats} from './compare.js';
import {assertPath, assertUntouched, disposeAll, toArrays, toTensors} from './guard.js';
import type {CheckedOptions} from './options.js';
import {assertCloseOutcome, assertSameOutcome} from './outcome.js';
import {flushedSize} from './selection.js';
import {fisherBounds, stepTolerance} from './tolerance.js';

interface Selection<D extends StepDistance> {
  k: number;
  distance?: D;
  eta?: number;
  reselect?: boolean;
}

/** One projection of a run. */
export interface Projection extends Selection<Distance> {
  /** Makes the proposals, one array a tensor, from the current values. */
  propose(current: Float32Array[]): Float32Array[];
  /** By which distances are multiplied, one array a tensor. */
  importance?: Float32Array[] | undefined;
}

/** One step of a run. */
export interface Step extends Selection<StepDistance> {
  numbers: FusedRule;
  gradients: Float32Array[];
  scale?: number;
  /** Whether the arithmetic is exact in float32 whatever the order, so that no backend may differ. */
  isExact?: boolean;
}

/** Projects again and again, each time from the state that the kernel itself left, and compares each time. */
export async function runProjections(
  start: Float32Array[],
  shapes: number[][],
  projections: Iterable<Projection>,
  options: CheckedOptions,
  startState?: SubsetState<Tensor>,
): Promise<SubsetStateArrays> {
  assertPath(SubsetProject, options);
  const sizes = start.map(({length}) => length);
  let current = toTensors(start, shapes);
  let state = startState ?? createState(sizes);
  for (const {propose, importance, k, distance = 'absolute', eta = DEFAULT_ETA, reselect = true} of projections) {
    const attrs = {sizes, k, distance, eta, reselect};
    const before = {parameters: await toArrays(current), state: await readState(state)};
    const proposalArrays = propose(before.parameters);
    const want = referenceSubsetProject(
      {proposals: proposalArrays, current: before.parameters, importance, state: before.state},
      attrs,
    );
    const proposals = toTensors(proposalArrays, shapes);
    const importances = importance && toTensors(importance, shapes);
    const witnesses = [...current, ...proposals].map((tensor) => clone(tensor));

    const owned = state;
    const result = subsetProject({
      ...{proposals, current, k, distance, eta, reselect, state},
      ...(importances && {importance: importances}),
    });
    assertConsumed(owned);
    assertForm(result.parameters, result.state, shapes);
    const got = {parameters: await toArrays(result.parameters), state: await readState(result.state)};
    if (options.rounding === 'close' && distance === 'relative') {
      const row = joinRow(proposalArrays);
      const weights = importance && Float64Array.from(joinRow(importance), flushedSize);
      const bounds = weights && {low: weights, high: weights};
      assertCloseOutcome(got, want, before, row, new Float64Array(row.length), attrs, bounds);
    } else {
      assertSameOutcome(got, want, before, attrs);
    }
    await assertUntouched('inputs', [...current, ...proposals], [...before.parameters, ...proposalArrays]);
    await assertUntouched('clones of inputs', witnesses, [...before.parameters, ...proposalArrays]);
    await assertUntouched('importance', importances ?? [], importance ?? []);
    disposeAll([...witnesses, ...proposals, ...current, ...(importances ?? [])]);
    current = result.parameters;
    state = result.state;
  }
  const last = await readState(state);
  disposeAll([...current, ...state]);
  return last;
}

/**
 * Of every four steps the last three may overwrite their parameters, and the last of them meets clones of these: so that
 * memory is first given up, then written by a kernel that does so, then shared.
 */
const OVERWRITES = [false, true, true, true];
const CLONES = [true, false, false, true];

/** Steps again and again, each time from what the kernel itself left, and compares each time. */
export async function runSteps(
  start: Float32Array[],
  shapes: number[][],
  steps: Iterable<Step>,
  options: CheckedOptions,
  startState?: SubsetState<Tensor>,
): Promise<SubsetStateArrays> {
  assertPath(SubsetStep, options);
  const sizes = start.map(({length}) => length);
  let parameters = toTensors(start, shapes);
  let slots: Tensor[][] | undefined;
  let state = startState ?? createState(sizes);
  let turn = 0;
  for (const step of steps) {
    const [overwrite, withClones] = [OVERWRITES, CLONES].map((turns) => turns[turn % turns.length]);
    turn++;
    const {numbers, gradients: gradientArrays, k, distance = 'absolute', eta = DEFAULT_ETA, reselect = true} = step;
    const attrs = {sizes, k, distance, eta, reselect, numbers};
    slots ??= Array.from({length: SLOT_COUNT[numbers.rule]}, () =>
      toTensors(
        sizes.map((size) => new Float32Array(size)),
        shapes,
      ),
    );
    const before = {
      parameters: await toArrays(parameters),
      slots: await Promise.all(slots.map(toArrays)),
      state: await readState(state),
    };
    const scale: {scale?: number} = step.scale === undefined ? {} : {scale: step.scale};
    const inputs = {...before, gradients: gradientArrays, ...scale};
    const want = referenceSubsetStep(inputs, attrs);
    const gradients = toTensors(gradientArrays, shapes);
    const scaleTensor: {scale?: Scalar} = step.scale === undefined ? {} : {scale: scalar(step.scale, 'float32')};
    const witnesses = [...gradients, ...(withClones ? parameters : [])].map((tensor) => clone(tensor));

    const owned = [...slots.flat(), ...state];
    const given = {
      parameters,
      gradients,
      slots,
      state,
      numbers,
      k,
      distance,
      eta,
      reselect,
      overwrite,
      ...scaleTensor,
    };
    // Where a backend steps several silos at once, it may be one.
    const [result] = (turn % 3 === 0 ? subsetSteps([given]) : undefined) ?? [subsetStep(given)];
    assertConsumed(owned);
    for (const tensors of [result.parameters, ...result.slots]) assertForm(tensors, result.state, shapes);
    const got = {
      parameters: await toArrays(result.parameters),
      slots: await Promise.all(result.slots.map(toArrays)),
      state: await readState(result.state),
    };
    if (options.rounding === 'exact' || step.isExact) {
      assertSameOutcome(got, want, before, attrs);
      want.slots.forEach((slot, j) => {
        slot.forEach((array, i) => {
          assertSameFloats(`slots[${j}][${i}]`, got.slots[j][i], array);
        });
      });
    } else {
      const tolerance = stepTolerance(inputs, attrs);
      // With room for all, every proposal that lies farther than zero is kept: so they can be read off.
      const all = sizes.reduce((sum, size) => sum + size, 0);
      const proposal = joinRow((reselect ? referenceSubsetStep(inputs, {...attrs, k: all}) : want).parameters);
      const importance =
        distance === 'fisher' && numbers.rule === 'adam'
          ? fisherBounds(joinRow(want.slots[1]), tolerance.slots[1], numbers)
          : undefined;
      assertCloseOutcome(got, want, before, proposal, tolerance.proposal, attrs, importance);
      want.slots.forEach((slot, j) => {
        assertCloseFloats(`slots[${j}]`, joinRow(got.slots[j]), joinRow(slot), tolerance.slots[j]);
      });
    }
    await assertUntouched('gradients', gradients, gradientArrays);
    if (!overwrite) await assertUntouched('parameters', parameters, before.parameters);
    const witnessed = [...gradientArrays, ...(withClones ? before.parameters : [])];
    await assertUntouched('clones of inputs', witnesses, witnessed);
    disposeAll([...witnesses, ...gradients, ...parameters, ...(scaleTensor.scale ? [scaleTensor.scale] : [])]);
    ({parameters, slots, state} = result);
  }
  const last = await readState(state);
  disposeAll([...parameters, ...(slots ?? []).flat(), ...state]);
  return last;
}

/** The op disposes what it consumed, also where the kernel handed the same data back. */
function assertConsumed(tensors: readonly Tensor[]): void {
  tensors.forEach((tensor, i) => {
    assertEqual(`owned tensor ${i} is disposed`, tensor.isDisposed, true);
  });
}

function assertForm(tensors: readonly Tensor[], state: SubsetState<Tensor>, shapes: number[][]): void {
  assertEqual('number of outputs', tensors.length, shapes.length);
  tensors.forEach((tensor, i) => {
    assertEqual(`shape of output ${i}`, String(tensor.shape), String(shapes[i]));
    assertEqual(`dtype of output ${i}`, tensor.dtype, 'float32');
  });
  assertEqual('dtypes of the state', state.map(({dtype}) => dtype).join(), 'int32,float32,int32');
}
