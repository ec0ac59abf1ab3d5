import * as tf from '@tensorflow/tfjs-core';
import {SLOT_COUNT, type SubsetStepAttrs} from '../contract.js';
import {chooseAndReset, seedRow} from './choose-and-reset.js';
import {finite, fisherImportance} from './distances.js';
import {joinRow, splitRow} from './rows.js';
import {count} from './select.js';
import {propose} from './update-rule.js';

/** `SubsetStep` in plain tfjs ops, for a backend that has no kernel of its own. */
export function fallbackSubsetStep(inputs: tf.Tensor[], attrs: SubsetStepAttrs): tf.Tensor[] {
  return tf.tidy(() => {
    const {sizes, numbers, scaled} = attrs;
    const slotCount = SLOT_COUNT[numbers.rule];
    const group = (j: number) => inputs.slice(j * sizes.length, (j + 1) * sizes.length);
    const [mask, seeds, info, scale] = inputs.slice((2 + slotCount) * sizes.length);
    const state: [tf.Tensor, tf.Tensor, tf.Tensor] = [mask, seeds, info];

    const parameters = group(0);
    const theta = joinRow(parameters);
    const seed = seedRow(theta, state, sizes);
    const [nonFinite, proposal, ...newSlots] = tf.tidy(() => {
      const raw = joinRow(group(1));
      const gradient = scaled ? tf.mul(raw, tf.reshape(scale, [])) : raw;
      const slots = Array.from({length: slotCount}, (_, j) => joinRow(group(2 + j)));
      const finiteGradient = finite(gradient);
      const proposed = propose(numbers, theta, gradient, slots, seed);
      return [
        count(tf.logicalNot(finiteGradient)),
        tf.where(finiteGradient, proposed.theta, theta),
        ...proposed.slots.map((slot, j) => tf.where(finiteGradient, slot, slots[j])),
      ];
    });
    const importance =
      attrs.distance === 'fisher' && numbers.rule === 'adam' ? fisherImportance(newSlots[1], numbers) : undefined;
    const [newTheta, newState] = chooseAndReset(proposal, theta, seed, importance, state, nonFinite, attrs);
    return [newTheta, ...newSlots].flatMap((row) => splitRow(row, parameters)).concat(newState);
  });
}
