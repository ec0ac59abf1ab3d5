import {type FusedRule, packSubset, referenceSubsetStep, type StepArrays} from '@subset-tuning/kernels';
import {describe, expect, it} from 'vitest';
import {scratch} from './scratch.js';
import {proposeByRule} from './update-rule.js';

const N = 100;
const rules: Record<string, (t: number) => FusedRule> = {
  sgd: () => ({...shared, rule: 'sgd'}),
  momentum: () => ({...shared, rule: 'momentum', momentum: 0.9, nesterov: false}),
  nesterov: () => ({...shared, rule: 'momentum', momentum: 0.9, nesterov: true}),
  adam: (t) => ({
    ...shared,
    rule: 'adam',
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    correction1: 1 - 0.9 ** t,
    correction2: 1 - 0.999 ** t,
  }),
};
const shared = {learningRate: 0.03, weightDecay: 0, decayTowards: 'zero'} as const;
const decays = [
  {weightDecay: 0, decayTowards: 'zero'},
  {weightDecay: 0.1, decayTowards: 'zero'},
  {weightDecay: 0.1, decayTowards: 'seed'},
] as const;

describe.each(Object.entries(rules))('%s', (name, numbersAt) => {
  it.each(decays)('proposes what the reference does, decay $weightDecay towards $decayTowards', (decay) => {
    const slots = name === 'sgd' ? [] : name === 'adam' ? [zeros(), zeros()] : [zeros()];
    let theta = values(1);
    scratch.seeds.set(theta);
    let reference: StepArrays = {parameters: [theta], gradients: [], slots: slots.map((slot) => [slot.slice()]), state};
    for (let t = 1; t <= 20; t++) {
      const numbers = {...numbersAt(t), ...decay};
      const gradient = values(t + 1);
      const piece = {theta, start: 0, length: N, gradient, gradientStart: 0, slots};
      // Calls before and after leave the slots alone and propose the same.
      const before = slots.map((slot) => slot.slice());
      proposeByRule(numbers, {...piece, when: 'before'});
      const proposals = scratch.proposals.slice(0, N);
      expect(slots).toEqual(before);
      proposeByRule(numbers, {...piece, when: 'now'});
      expect(scratch.proposals.slice(0, N)).toEqual(proposals);
      const after = slots.map((slot) => slot.slice());
      if (name !== 'sgd') expect(after).not.toEqual(before);
      proposeByRule(numbers, {...piece, when: 'again'});
      expect(scratch.proposals.slice(0, N)).toEqual(proposals);
      expect(slots).toEqual(after);

      const want = referenceSubsetStep({...reference, gradients: [gradient]}, {...all, numbers});
      for (const [got, expected] of [
        [proposals, want.parameters[0]],
        ...slots.map((slot, j) => [slot, want.slots[j][0]]),
      ]) {
        if (name !== 'adam') expect(got).toEqual(expected);
        else
          got.forEach((x, i) => {
            expect(Math.abs(x - expected[i])).toBeLessThanOrEqual(3e-7 * Math.abs(expected[i]) + 2e-8);
          });
      }
      // From the reference's own values on, so that rounding does not add up.
      theta = want.parameters[0];
      slots.forEach((slot, j) => {
        slot.set(want.slots[j][0]);
      });
      reference = {...reference, parameters: [theta], slots: want.slots, state: want.state};
    }
  });

  it('lets gradients that are not finite change nothing', () => {
    const theta = values(1);
    const gradient = values(2);
    for (const [i, bad] of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].entries())
      gradient[7 * i] = bad;
    const slots = name === 'sgd' ? [] : name === 'adam' ? [zeros(), zeros()] : [zeros()];
    const numbers = {...numbersAt(1), weightDecay: 0.1};
    for (const when of ['before', 'now', 'again'] as const) {
      const piece = {theta, start: 0, length: N, gradient, gradientStart: 0, slots, when};
      expect(proposeByRule(numbers, piece)).toBe(3);
      for (const i of [0, 7, 14]) {
        expect(scratch.proposals[i]).toBe(theta[i]);
        for (const slot of slots) expect(slot[i]).toBe(0);
      }
      expect(scratch.proposals[1]).not.toBe(theta[1]);
    }
  });
});

const state = packSubset([{positions: new Uint32Array(), seeds: new Float32Array()}], [N]);
const all = {sizes: [N], k: N, distance: 'absolute' as const, eta: 0, reselect: true};

function zeros(): Float32Array {
  return new Float32Array(N);
}

/** Numbers between −1 and 1 that repeat nowhere. */
function values(phase: number): Float32Array {
  return Float32Array.from({length: N}, (_, i) => Math.sin(1.7 * i + 3.1 * phase));
}
