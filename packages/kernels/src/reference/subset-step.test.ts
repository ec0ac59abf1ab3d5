import {describe, expect, it} from 'vitest';
import {Info, type SgdNumbers} from '../contract.js';
import {packSubset, readSubset} from '../subset-state.js';
import {bitsOf} from './rows.js';
import {referenceSubsetStep} from './subset-step.js';

const sgd: SgdNumbers = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'};
const attrs = {sizes: [3, 2], k: 2, distance: 'absolute', eta: 0, reselect: true, numbers: sgd} as const;
const mutable = {...attrs, sizes: [...attrs.sizes]};
const fresh = packSubset(
  [
    {positions: new Uint32Array(), seeds: new Float32Array()},
    {positions: new Uint32Array(), seeds: new Float32Array()},
  ],
  attrs.sizes,
);

describe('referenceSubsetStep', () => {
  it('lets the k farthest change and resets the rest, by hand', () => {
    const first = referenceSubsetStep(
      {
        parameters: [Float32Array.of(1, 2, 3), Float32Array.of(4, 5)],
        gradients: [Float32Array.of(0, -3, 1), Float32Array.of(0.5, 2)],
        slots: [],
        state: fresh,
      },
      mutable,
    );
    expect(first.parameters).toEqual([Float32Array.of(1, 5, 3), Float32Array.of(4, 3)]);
    expect(readSubset(first.state, attrs.sizes)).toEqual([
      {positions: Uint32Array.of(1), seeds: Float32Array.of(2)},
      {positions: Uint32Array.of(1), seeds: Float32Array.of(5)},
    ]);
    expect([...first.state[2].subarray(0, 4)]).toEqual([2, 2, 0, bitsOf(Float32Array.of(2))[0]]);

    // The entry at (0, 1) moves back to its seed and (0, 0) takes its place.
    const second = referenceSubsetStep(
      {
        parameters: first.parameters,
        gradients: [Float32Array.of(4, 3, 0), Float32Array.of(0, 0)],
        slots: [],
        state: first.state,
      },
      mutable,
    );
    expect(second.parameters).toEqual([Float32Array.of(-3, 2, 3), Float32Array.of(4, 3)]);
    expect([...second.state[2].subarray(0, 3)]).toEqual([2, 1, 1]);
  });

  it('leaves what has a gradient that is not finite as it is, decay included', () => {
    const {parameters, slots, state} = referenceSubsetStep(
      {
        parameters: [Float32Array.of(1, 2, 3), Float32Array.of(4, 5)],
        gradients: [Float32Array.of(Number.NaN, 1, 1), Float32Array.of(Number.POSITIVE_INFINITY, 1)],
        slots: [[Float32Array.of(1, 1, 1), Float32Array.of(1, 1)]],
        state: fresh,
      },
      {...mutable, k: 5, numbers: {...sgd, rule: 'momentum', momentum: 0.5, nesterov: false, weightDecay: 0.5}},
    );
    expect(parameters).toEqual([Float32Array.of(1, -0.5, 0), Float32Array.of(4, 1)]);
    expect(slots).toEqual([[Float32Array.of(1, 1.5, 1.5), Float32Array.of(1, 1.5)]]);
    expect(state[2][Info.nonFiniteGradients]).toBe(2);
    expect(state[2][Info.nonFiniteProposals]).toBe(0);
  });
});
