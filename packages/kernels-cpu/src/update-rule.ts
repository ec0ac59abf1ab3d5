import type {AdamNumbers, FusedRule, MomentumNumbers, RuleNumbers, SgdNumbers} from '@subset-tuning/kernels';
import {BLOCK, scratch} from './scratch.js';
import type {When} from './silo.js';

const {seeds, proposals, means, squares} = scratch;

const f32 = Math.fround;

/** A piece of a tensor, at most a block, as an update rule sees it. */
export interface Piece {
  theta: Float32Array;
  /** Where the piece starts in theta and the slots. */
  start: number;
  length: number;
  gradient: Float32Array;
  /** Where it starts in the gradient. */
  gradientStart: number;
  slots: readonly Float32Array[];
  when: When;
}

/**
 * Writes a piece's proposals by an update rule into the scratch, and Adam's second moments with them.
 *
 * JavaScript has no float32 arithmetic: V8 widens, computes in float64 and narrows again, and for Adam these
 * conversions would take more time than all the rest. So Adam narrows only what it keeps, m, v and the proposal, and
 * not after every operation as PyTorch does: at least as close to the exact result, and seldom the same last bit. The
 * other rules round as the reference does.
 *
 * @returns how many of the gradients are not finite; they change nothing
 */
export function proposeByRule(numbers: FusedRule, piece: Piece): number {
  switch (numbers.rule) {
    case 'sgd':
      return sgd(numbers, piece);
    case 'momentum':
      return momentum(numbers, piece);
    case 'adam':
      return adam(numbers, piece);
  }
}

function sgd(numbers: SgdNumbers, {theta, start, length, gradient, gradientStart}: Piece): number {
  const step = f32(-numbers.learningRate);
  const {keep, pull} = decay(numbers);
  let nonFinite = 0;
  for (let j = 0; j < length; j++) {
    const i = start + j;
    const value = theta[i];
    const g = gradient[gradientStart + j];
    if (g - g !== 0) {
      nonFinite++;
      proposals[j] = value;
      continue;
    }
    const decayed = pull === 0 ? f32(value * keep) : f32(value - f32(pull * f32(value - seeds[j])));
    proposals[j] = decayed + f32(step * g);
  }
  return nonFinite;
}

function momentum(numbers: MomentumNumbers, piece: Piece): number {
  const {theta, start, length, gradient, gradientStart, when} = piece;
  const b = piece.slots[0];
  const step = f32(-numbers.learningRate);
  const mu = f32(numbers.momentum);
  const {nesterov} = numbers;
  const {keep, pull} = decay(numbers);
  let nonFinite = 0;
  for (let j = 0; j < length; j++) {
    const i = start + j;
    const value = theta[i];
    const g = gradient[gradientStart + j];
    if (g - g !== 0) {
      nonFinite++;
      proposals[j] = value;
      continue;
    }
    let velocity = b[i];
    if (when !== 'again') velocity = f32(f32(mu * velocity) + g);
    if (when === 'now') b[i] = velocity;
    const direction = nesterov ? f32(g + f32(mu * velocity)) : velocity;
    const decayed = pull === 0 ? f32(value * keep) : f32(value - f32(pull * f32(value - seeds[j])));
    proposals[j] = decayed + f32(step * direction);
  }
  return nonFinite;
}

function adam(numbers: AdamNumbers, piece: Piece): number {
  const {theta, start, length, gradient, gradientStart, when} = piece;
  const [m, v] = piece.slots;
  const fresh1 = f32(1 - numbers.beta1);
  const beta2 = f32(numbers.beta2);
  const fresh2 = f32(1 - numbers.beta2);
  // s·m / (√v/c + ε) with c = √correction2, both sides multiplied by c, which saves a division.
  const correction = f32(Math.sqrt(numbers.correction2));
  const step = f32(-(numbers.learningRate / numbers.correction1)) * correction;
  const epsilon = f32(numbers.epsilon) * correction;
  const {keep, pull} = decay(numbers);

  if (when !== 'again' && pull === 0) {
    // The common case, without a branch, into the scratch. A sum of zeros unless a gradient is not finite.
    let check = 0;
    for (let j = 0; j < length; j++) {
      const i = start + j;
      const g = gradient[gradientStart + j];
      check += g - g;
      const mean = f32(m[i] + fresh1 * (g - m[i]));
      const square = f32(v[i] * beta2 + fresh2 * g * g);
      means[j] = mean;
      squares[j] = square;
      proposals[j] = theta[i] * keep + (step * mean) / (Math.sqrt(square) + epsilon);
    }
    if (check === 0 && when === 'now') {
      m.set(length === BLOCK ? means : means.subarray(0, length), start);
      v.set(length === BLOCK ? squares : squares.subarray(0, length), start);
    }
    if (check === 0) return 0;
  }
  let nonFinite = 0;
  for (let j = 0; j < length; j++) {
    const i = start + j;
    const value = theta[i];
    const g = gradient[gradientStart + j];
    let square = v[i];
    if (g - g !== 0) {
      nonFinite++;
      proposals[j] = value;
      squares[j] = square;
      continue;
    }
    let mean = m[i];
    if (when !== 'again') {
      mean = f32(mean + fresh1 * (g - mean));
      square = f32(square * beta2 + fresh2 * g * g);
    }
    if (when === 'now') {
      m[i] = mean;
      v[i] = square;
    }
    squares[j] = square;
    const decayed = pull === 0 ? value * keep : value - pull * (value - seeds[j]);
    proposals[j] = decayed + (step * mean) / (Math.sqrt(square) + epsilon);
  }
  return nonFinite;
}

/** Decoupled decay as a factor that stays, or as the share of the way to the seed. */
function decay({learningRate, weightDecay, decayTowards}: RuleNumbers): {keep: number; pull: number} {
  if (decayTowards === 'seed') return {keep: 1, pull: f32(learningRate * weightDecay)};
  return {keep: f32(1 - learningRate * weightDecay), pull: 0};
}
