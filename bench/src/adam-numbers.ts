import type {FusedRule} from '@subset-tuning/kernels';

export const LEARNING_RATE = 1e-3;
const BETA1 = 0.9;
const BETA2 = 0.999;

/** AdamW's numbers at step t ≥ 1. */
export function adamW(t: number): FusedRule & {rule: 'adam'} {
  return {
    rule: 'adam',
    learningRate: LEARNING_RATE,
    weightDecay: 0.01,
    decayTowards: 'zero',
    beta1: BETA1,
    beta2: BETA2,
    epsilon: 1e-8,
    correction1: 1 - BETA1 ** t,
    correction2: 1 - BETA2 ** t,
  };
}
