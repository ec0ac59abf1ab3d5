import type {Access} from './shader.js';

export type Rule = 'given' | 'sgd' | 'momentum' | 'adam';

const SCALED_GRADIENT = `
fn scaled_gradient(i: u32) -> f32 {
  let g = bitcast<f32>(gradient[i]);
  if (params.scaled == 0u) {
    return g;
  }
  return g * bitcast<f32>(head(HEAD_scale));
}
fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & MAGNITUDE) < INFINITE;
}
fn decayed(theta_bits: u32, seed_bits: u32) -> f32 {
  let value = bitcast<f32>(theta_bits);
  if (params.decay == 1u) {
    return value * params.keep;
  }
  if (params.decay == 2u) {
    return value - params.pull * (value - bitcast<f32>(seed_bits));
  }
  return value;
}`;

/** A rule's proposal where the gradient g is finite; where it is not, nothing changes. */
const fused = (proposal: string) => `${SCALED_GRADIENT}
fn propose(i: u32, seed_bits: u32) -> u32 {
  let theta_bits = theta[i];
  let g = scaled_gradient(i);
  if (!is_finite(g)) {
    bad_gradients += 1u;
    return theta_bits;
  }
  ${proposal}
}`;

/** What makes the proposals, in the order of rounding of the reference. Slots are updated once, in place. */
export const RULES: Record<Rule, {buffers: Record<string, Access>; code: string}> = {
  given: {
    buffers: {proposals: 'read'},
    code: 'fn propose(i: u32, seed_bits: u32) -> u32 { return proposals[i]; }',
  },
  sgd: {
    buffers: {gradient: 'read'},
    code: fused('return bitcast<u32>(decayed(theta_bits, seed_bits) + params.step * g);'),
  },
  momentum: {
    buffers: {gradient: 'read', slot0: 'write'},
    code: fused(`
  var b = bitcast<f32>(slot0[i]);
  if (params.again == 0u) {
    b = params.momentum * b + g;
    slot0[i] = bitcast<u32>(b);
  }
  let direction = select(b, g + params.momentum * b, params.nesterov == 1u);
  return bitcast<u32>(decayed(theta_bits, seed_bits) + params.step * direction);`),
  },
  adam: {
    buffers: {gradient: 'read', slot0: 'write', slot1: 'write'},
    code: fused(`
  var m = bitcast<f32>(slot0[i]);
  var v = bitcast<f32>(slot1[i]);
  if (params.again == 0u) {
    m = m + params.fresh1 * (g - m);
    v = v * params.beta2 + params.fresh2 * g * g;
    slot0[i] = bitcast<u32>(m);
    slot1[i] = bitcast<u32>(v);
  }
  let denominator = sqrt(v) / params.root2 + params.epsilon;
  return bitcast<u32>(decayed(theta_bits, seed_bits) + params.step * m / denominator);`),
  },
};
