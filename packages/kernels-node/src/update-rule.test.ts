import type {AdamNumbers} from '@subset-tuning/kernels';
import {describe, expect, it} from 'vitest';
import {fuseAdam} from './update-rule.js';

const numbers = (beta1: number, beta2: number): AdamNumbers => ({
  rule: 'adam',
  learningRate: 0.01,
  weightDecay: 0,
  decayTowards: 'zero',
  beta1,
  beta2,
  epsilon: 1e-8,
  correction1: 1,
  correction2: 1,
});

/** What TensorFlow's Adam makes of the betas: it takes float32 and subtracts in float32. */
const taken = (beta: number) => Math.fround(1 - Math.fround(beta));

describe('fuseAdam', () => {
  it.each([
    [0.9, 0.999],
    [0.9, 0.99],
    [0.95, 0.98],
    [0.5, 0.9],
  ])('makes good what float32 takes from 1 − β, for β₁ = %d and β₂ = %d', (beta1, beta2) => {
    const fused = fuseAdam(numbers(beta1, beta2));
    if (!fused) throw new Error('is not fused; expected it to be');
    const share = fused.scale ** 2 * taken(beta2);
    expect(Math.abs(share / (1 - beta2) - 1)).toBeLessThan(1e-6);
    expect(Math.abs(fused.scale * taken(fused.beta1) - (1 - beta1))).toBeLessThan(1e-6);
    expect(Math.abs(fused.beta1 - beta1)).toBeLessThan(1e-6);
  });

  it('is off by more without', () => {
    expect(Math.abs(taken(0.999) / (1 - 0.999) - 1)).toBeGreaterThan(1e-5);
  });

  it.each([
    [0.9, 0.9999],
    [0.9, 1],
    [0, 0.999],
  ])('leaves it to single ops where it cannot, for β₁ = %d and β₂ = %d', (beta1, beta2) => {
    expect(fuseAdam(numbers(beta1, beta2))).toBeUndefined();
  });
});
