import type {FusedRule} from '@subset-tuning/kernels';
import type {Read} from './shader.js';

/** What makes the proposals: an update rule, or what another optimizer gives. */
export type Rule = 'given' | FusedRule['rule'];

/** Slot j of an element as float sj, before and after; and what is added to the parameter. */
const FUSED: Record<FusedRule['rule'], {slots: number; update: string; change: string}> = {
  sgd: {slots: 0, update: '', change: 'rate * g'},
  momentum: {
    slots: 1,
    update: 's0 = momentum * s0 + g;',
    change: 'rate * (nesterov == 1 ? g + momentum * s0 : s0)',
  },
  adam: {
    slots: 2,
    update: `s0 = s0 + fresh1 * (g - s0);
  s1 = s1 * beta2 + fresh2 * g * g;`,
    change: 'rate * s0 / (sqrt(s1) / root2 + epsilon)',
  },
};

/** Code that leaves a proposal's bits in `proposal`, and in `fine` whether there was a finite gradient. */
export interface RuleCode {
  /** What it reads besides the parameter. */
  reads: Record<string, Read>;
  /** How many slots it updates. */
  slots: number;
  declare: string;
  /** Makes the proposal of element i from old slots, and leaves the new ones in `next0` and so on. */
  propose: string;
  /** Makes the same proposal again from the new slots. */
  again: string;
  /** The weight of the distance, after `propose`, and what it reads. */
  weight: {reads: Record<string, Read>; code: string};
}

/**
 * The code of a rule, which rounds in the order of the reference. It uses `i`, `theta` and `seed`, both bits.
 *
 * @param scaled whether every gradient is multiplied by a scalar first
 */
export function ruleCode(rule: Rule, scaled: boolean): RuleCode {
  if (rule === 'given') {
    const propose = `
  uint proposal = proposals_here(i);
  bool fine = true;`;
    const weight = {reads: {weights: 'tensor' as const}, code: 'abs(flushed(weights_here(i)))'};
    return {reads: {proposals: 'tensor'}, slots: 0, declare: '', propose, again: propose, weight};
  }
  const {slots, update, change} = FUSED[rule];
  const each = (line: (j: number) => string) => Array.from({length: slots}, (_, j) => line(j)).join('\n');
  const read = `
  float g = uintBitsToFloat(gradient_here(i))${scaled ? ' * uintBitsToFloat(scale_at(0))' : ''};
  bool fine = is_finite(floatBitsToUint(g));
${each((j) => `  uint old${j} = slot${j}_here(i);\n  float s${j} = uintBitsToFloat(old${j});`)}`;
  const propose = `
  uint proposal = fine ? floatBitsToUint(decayed(theta, seed) + ${change}) : theta;`;
  return {
    reads: {
      gradient: 'tensor',
      ...(scaled ? {scale: 'tensor'} : {}),
      ...Object.fromEntries(Array.from({length: slots}, (_, j) => [`slot${j}`, 'tensor' as const])),
    },
    slots,
    declare: `
uniform int decay; // 0 none, 1 towards zero, 2 towards the seed
uniform float keep, pull, rate, momentum, fresh1, beta2, fresh2, root2, epsilon;
uniform int nesterov;

float decayed(uint theta, uint seed) {
  float value = uintBitsToFloat(theta);
  if (decay == 1) {
    return value * keep;
  }
  if (decay == 2) {
    return value - pull * (value - uintBitsToFloat(seed));
  }
  return value;
}`,
    propose: `${read}
  ${update}
${each((j) => `  next${j} = fine ? s${j} : uintBitsToFloat(old${j});`)}${propose}`,
    again: `${read}${propose}`,
    weight: {reads: {}, code: rule === 'adam' ? 'sqrt(flushed(floatBitsToUint(next1))) / root2' : '1.0'},
  };
}
