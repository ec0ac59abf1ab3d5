import {SLOT_COUNT, SubsetStep, type SubsetStepAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {chooseAndReset, countNonFinite, type Outputs} from './choose-and-reset.js';
import {Eager} from './eager.js';
import {finite, fisherWeights} from './measure.js';
import {nativeAddon} from './native-addon.js';
import {nativeSubsetSteps} from './native-step.js';
import type {Handle, NodeBackend} from './node-backend.js';
import {openSilo, type Sparse, seedVariable} from './silo.js';
import {type OwnedSlot, ownSlot} from './slots.js';
import {propose} from './update-rule.js';

/**
 * A step through TensorFlow's own ops: its update op changes the slots in place, one op compares all proposals with
 * their seeds, and the exact choice is made among the few that may be chosen. See `select-largest.ts`.
 */
function subsetStep(inputs: readonly TensorInfo[], backend: NodeBackend, attrs: SubsetStepAttrs): TensorInfo[] {
  const addon = nativeAddon(backend);
  if (addon) return nativeSubsetSteps(inputs, backend, addon, {steps: [attrs]});
  const {sizes, numbers, scaled} = attrs;
  const eager = new Eager(backend);
  const count = sizes.length;
  const slotCount = SLOT_COUNT[numbers.rule];
  const group = (i: number) => inputs.slice(i * count, (i + 1) * count);
  const [mask, seeds, info, scale] = inputs.slice((2 + slotCount) * count);
  const parameters = group(0);
  const slots: OwnedSlot[][] = [];
  let results: TensorInfo[] = [];
  eager.tidy(() => {
    const silo = openSilo(
      eager,
      attrs,
      parameters.map((one) => eager.row(one)),
      eager.row(mask),
      eager.row(seeds),
    );
    const seedVariables = sizes.map((_, tensor) => seedVariable(eager, silo, tensor));
    try {
      for (let j = 0; j < slotCount; j++) {
        slots.push([]);
        for (const slot of group(2 + j)) slots[j].push(ownSlot(eager, backend, slot));
      }
      let nonFinite = 0;
      const proposals = group(1).map((raw, tensor) => {
        const row = eager.row(raw);
        const gradient = scaled ? eager.run('Mul', [row, eager.reshape(eager.row(scale), [])]) : row;
        const bad = countNonFinite(eager, gradient);
        nonFinite += bad;
        const piece = {
          theta: silo.theta[tensor],
          gradient,
          slots: slots.map((slot) => slot[tensor].variable),
          before: silo.before[tensor],
        };
        const restore = bad > 0 ? restoring(eager, piece.theta, gradient, piece.slots) : undefined;
        const proposal = propose(eager, numbers, piece);
        restore?.(proposal);
        eager.free(gradient);
        return eager.readVariable(proposal);
      });
      const given = {theta: parameters, mask, seeds, info: eager.read(eager.row(info))};
      const weights =
        attrs.distance === 'fisher' && numbers.rule === 'adam'
          ? slots[1].map(({variable}) => fisherWeights(eager, eager.readVariable(variable), numbers))
          : undefined;
      const makeOutputs: Outputs = chooseAndReset(
        eager,
        backend,
        silo,
        proposals,
        seedVariables,
        given,
        nonFinite,
        attrs,
        weights,
      );
      const outputs = makeOutputs();
      results = [...outputs.parameters, ...slots.flat().map((slot) => slot.toOutput()), ...outputs.state];
    } catch (error) {
      for (const slot of slots.flat()) slot.giveBack();
      throw error;
    }
    return undefined;
  });
  return results;
}

/** Remembers what is where gradients are not finite, and puts it back after the update, which left NaN there. */
function restoring(
  eager: Eager,
  theta: Handle,
  gradient: Handle,
  slots: readonly Handle[],
): (proposal: Handle) => void {
  const places = eager.where(eager.run('LogicalNot', [finite(eager, gradient)]));
  const remember = (row: Handle): Sparse => ({places, values: eager.gather(row, places)});
  const old = slots.map((slot) => {
    const row = eager.readVariable(slot);
    const kept = remember(row);
    eager.free(row);
    return kept;
  });
  const oldTheta = remember(theta);
  return (proposal) => {
    [proposal, ...slots].forEach((variable, i) => {
      const {values} = i === 0 ? oldTheta : old[i - 1];
      eager.scatter(variable, places, values);
    });
  };
}

export const subsetStepConfig: KernelConfig = {
  kernelName: SubsetStep,
  backendName: 'tensorflow',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    subsetStep(inputs as unknown as readonly TensorInfo[], backend as NodeBackend, attrs as unknown as SubsetStepAttrs),
};
