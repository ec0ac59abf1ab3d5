import type {AdamNumbers, SubsetStepAttrs} from '../contract.js';
import {SMALLEST_NORMAL} from '../distance.js';
import {joinRow} from '../reference/rows.js';
import {type StepArrays, seedRow} from '../reference/subset-step.js';
import type {ImportanceBounds} from './selection.js';

/** What an operation may be off by, relatively: a GPU's division and root are good to about 3 units in the last place. */
const RELATIVE = 2e-6;
/** A backend may flush subnormal slots. */
const FLUSHED = 2 ** -125;

/** How far a step's proposals and slots may be off: a share of the sum of the terms' magnitudes that make each. */
export function stepTolerance(
  {parameters, gradients, slots, state, scale = 1}: StepArrays,
  {numbers, sizes}: Pick<SubsetStepAttrs, 'numbers' | 'sizes'>,
): {proposal: Float64Array; slots: Float64Array[]} {
  const theta = joinRow(parameters);
  const seed = seedRow(theta, state, sizes);
  const gradient = joinRow(gradients);
  const rows = slots.map(joinRow);
  const proposal = new Float64Array(theta.length);
  const slotTolerance = rows.map((row) => new Float64Array(row.length));
  const {learningRate, weightDecay} = numbers;
  theta.forEach((value, i) => {
    const g = Math.abs(Math.fround(gradient[i] * Math.fround(scale)));
    // What has a gradient that is not finite stays as it is.
    if (!Number.isFinite(g)) return;
    const decay = learningRate * weightDecay * (Math.abs(value) + Math.abs(seed[i]));
    let update = learningRate * g;
    if (numbers.rule === 'momentum') {
      const b = Math.abs(rows[0][i]) * numbers.momentum + g;
      slotTolerance[0][i] = RELATIVE * b + FLUSHED;
      update = learningRate * (numbers.nesterov ? g + numbers.momentum * b : b);
    } else if (numbers.rule === 'adam') {
      const m = Math.abs(rows[0][i]) + g;
      const v = numbers.beta2 * rows[1][i] + (1 - numbers.beta2) * g * g;
      slotTolerance[0][i] = RELATIVE * m + FLUSHED;
      slotTolerance[1][i] = RELATIVE * v + FLUSHED;
      update = ((learningRate / numbers.correction1) * m) / (Math.sqrt(v / numbers.correction2) + numbers.epsilon);
    }
    proposal[i] = RELATIVE * (Math.abs(value) + decay + update) + FLUSHED;
  });
  return {proposal, slots: slotTolerance};
}

/** Between which bounds √v̂ lies where Adam's second moments may be off by so much. */
export function fisherBounds(
  v: Float32Array,
  tolerance: Float64Array,
  {correction2}: Pick<AdamNumbers, 'correction2'>,
): ImportanceBounds {
  const bound = (sign: 1 | -1) =>
    Float64Array.from(v, (value, i) => {
      const moved = value + sign * tolerance[i];
      // Near the smallest normal a backend may take it for zero.
      const least = sign < 0 && moved < 2 * SMALLEST_NORMAL ? 0 : moved;
      return Math.sqrt(Math.max(0, least) / correction2) * (1 + sign * RELATIVE);
    });
  return {low: bound(-1), high: bound(1)};
}
