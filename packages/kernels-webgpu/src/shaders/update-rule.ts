import type {Access} from './shader.js';

export type Rule = 'given' | 'given weighed' | 'sgd' | 'momentum' | 'adam';

const UNWEIGHED = `
fn weight_at(at: u32) -> F { return F(1.0); }`;

const SHARED = `
fn decayed(theta_bits: U, seed_bits: U) -> F {
  let value = bitcast<F>(theta_bits);
  if (decay == 1u) {
    return value * params.keep;
  }
  if (decay == 2u) {
    return value - params.pull * (value - bitcast<F>(seed_bits));
  }
  return value;
}`;

const GIVEN = 'fn propose(at: u32, theta_bits: U, seed_bits: U) -> U { return proposals[at]; }';

/** A rule's proposals where the gradients g are finite; where they are not, nothing changes. */
const fused = (proposal: string) => `${SHARED}
fn propose(at: u32, theta_bits: U, seed_bits: U) -> U {
  var g = bitcast<F>(gradient[at]);
  if (scaled == 1u) {
    g *= bitcast<f32>(head(HEAD_scale));
  }
  let fine = is_finite(bitcast<U>(g));
  bad_gradients += countOneBits(bits_of(!fine));
  ${proposal}
}`;

/**
 * What makes the proposals, rounded in the order of the reference, and the weights of their distances once slots are
 * updated, which is once, in place. `at` counts in lanes.
 */
export const RULES: Record<Rule, {buffers: Record<string, Access>; code: string}> = {
  given: {
    buffers: {proposals: 'read each'},
    code: `${GIVEN}${UNWEIGHED}`,
  },
  'given weighed': {
    buffers: {proposals: 'read each', weights: 'read each'},
    code: `${GIVEN}
fn weight_at(at: u32) -> F { return weight_of_bits(weights[at]); }`,
  },
  sgd: {
    buffers: {gradient: 'read each'},
    code: `${fused('return select(theta_bits, bitcast<U>(decayed(theta_bits, seed_bits) + params.rate * g), fine);')}${UNWEIGHED}`,
  },
  momentum: {
    buffers: {gradient: 'read each', slot0: 'write each'},
    code: `${fused(`
  var b = bitcast<F>(slot0[at]);
  if (again == 0u) {
    b = params.momentum * b + g;
    slot0[at] = select(slot0[at], bitcast<U>(b), fine);
  }
  let direction = select(b, g + params.momentum * b, nesterov == 1u);
  return select(theta_bits, bitcast<U>(decayed(theta_bits, seed_bits) + params.rate * direction), fine);`)}${UNWEIGHED}`,
  },
  adam: {
    buffers: {gradient: 'read each', slot0: 'write each', slot1: 'write each'},
    code: `${fused(`
  let m_bits = slot0[at];
  let v_bits = slot1[at];
  var m = bitcast<F>(m_bits);
  var v = bitcast<F>(v_bits);
  if (again == 0u) {
    m = m + params.fresh1 * (g - m);
    v = v * params.beta2 + params.fresh2 * g * g;
    slot0[at] = select(m_bits, bitcast<U>(m), fine);
    slot1[at] = select(v_bits, bitcast<U>(v), fine);
  }
  let denominator = sqrt(v) / params.root2 + params.epsilon;
  return select(theta_bits, bitcast<U>(decayed(theta_bits, seed_bits) + params.rate * m / denominator), fine);`)}
fn weight_at(at: u32) -> F { return weight_of_bits(slot1[at]); }`,
  },
};
