import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {type FusedRule, SLOT_COUNT} from '../contract.js';
import {packSubset, readSubset} from '../subset-state.js';
import {referenceSubsetStep} from './subset-step.js';

interface Golden {
  seed: number[];
  gradients: number[][];
  k: number;
  dense: Record<string, {theta: number[][]; chosen: number[]}>;
  subset: Record<string, {theta: number[][]; chosen: number[]}>;
}
const golden: Golden = JSON.parse(readFileSync(new URL('./golden/pytorch.json', import.meta.url), 'utf8'));

const none = {weightDecay: 0, decayTowards: 'zero'} as const;
const adam = (t: number, weightDecay: number): FusedRule => ({
  ...none,
  rule: 'adam',
  learningRate: 0.01,
  weightDecay,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  correction1: 1 - 0.9 ** t,
  correction2: 1 - 0.999 ** t,
});
const rules: Record<string, (t: number) => FusedRule> = {
  sgd: () => ({...none, rule: 'sgd', learningRate: 0.05}),
  momentum: () => ({...none, rule: 'momentum', learningRate: 0.05, momentum: 0.9, nesterov: false}),
  nesterov: () => ({...none, rule: 'momentum', learningRate: 0.05, momentum: 0.9, nesterov: true}),
  adam: (t) => adam(t, 0),
  adamw: (t) => adam(t, 0.1),
};

describe.each(['dense', 'subset'] as const)('referenceSubsetStep goes the way of PyTorch, %s', (form) => {
  it.each(Object.entries(rules))('%s', (rule, numbersAt) => {
    const size = golden.seed.length;
    const k = form === 'dense' ? size : golden.k;
    let step: ReturnType<typeof referenceSubsetStep> = {
      parameters: [Float32Array.from(golden.seed)],
      slots: Array.from({length: SLOT_COUNT[numbersAt(1).rule]}, () => [new Float32Array(size)]),
      state: packSubset([{positions: new Uint32Array(), seeds: new Float32Array()}], [size]),
    };
    const theta: Float32Array[] = [];
    golden.gradients.forEach((gradient, t) => {
      const attrs = {
        sizes: [size],
        k,
        distance: 'absolute',
        eta: 0,
        reselect: true,
        numbers: numbersAt(t + 1),
      } as const;
      step = referenceSubsetStep({...step, gradients: [Float32Array.from(gradient)]}, {...attrs, sizes: [size]});
      if (t % 10 === 9) theta.push(step.parameters[0]);
    });
    golden[form][rule].theta.forEach((values, i) => {
      values.forEach((value, j) => {
        // A value that passes by zero carries the rounding of those it came from.
        const scale = Math.max(Math.abs(value), Math.abs(golden.seed[j]));
        expect(Math.abs(theta[i][j] - value)).toBeLessThanOrEqual(1e-6 * scale);
      });
    });
    expect([...readSubset(step.state, [size])[0].positions]).toEqual(golden[form][rule].chosen);
  });
});
