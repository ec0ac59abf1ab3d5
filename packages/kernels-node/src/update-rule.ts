import type {AdamNumbers, FusedRule} from '@subset-tuning/kernels';
import type {Eager} from './eager.js';
import type {Handle} from './node-backend.js';
import type {Sparse} from './silo.js';

/** One tensor as an update rule sees it. */
export interface Piece {
  theta: Handle;
  gradient: Handle;
  /** Variables, changed in place. */
  slots: readonly Handle[];
  /** The seeds of what is in the subset: everything else is its own seed. */
  before: Sparse;
}

/**
 * The proposals of a tensor, as a variable, by TensorFlow's own fused update ops, in one pass over memory each. These
 * round in another order than PyTorch does, and subtract from one in float32: see {@link fuseAdam}.
 */
export function propose(eager: Eager, numbers: FusedRule, piece: Piece): Handle {
  const proposal = decayed(eager, numbers, piece);
  const {gradient, slots} = piece;
  eager.tidy(() => {
    const rate = eager.scalar(numbers.learningRate);
    switch (numbers.rule) {
      case 'sgd':
        eager.change('ResourceApplyGradientDescent', [proposal, rate, gradient]);
        break;
      case 'momentum':
        eager.change(
          'ResourceApplyMomentum',
          [proposal, ...slots, rate, gradient, eager.scalar(numbers.momentum)],
          [eager.flag('use_nesterov', numbers.nesterov)],
        );
        break;
      case 'adam':
        adam(eager, numbers, proposal, piece);
    }
    return undefined;
  });
  return proposal;
}

/** Θ after decoupled weight decay, as a variable. Outside the subset Θ is the seed, so that decay towards it is sparse. */
function decayed(eager: Eager, {learningRate, weightDecay, decayTowards}: FusedRule, {theta, before}: Piece): Handle {
  if (weightDecay === 0) return eager.variable(theta);
  const rate = learningRate * weightDecay;
  if (decayTowards === 'zero') {
    const product = eager.binary('Mul', theta, 1 - rate);
    const variable = eager.variable(product);
    // The variable's alone, it is not copied at the next change.
    eager.free(product);
    return variable;
  }
  const variable = eager.variable(theta);
  if (before.places.shape[0] > 0) {
    eager.tidy(() => {
      const values = eager.gather(theta, before.places);
      const back = eager.binary('Mul', eager.run('Sub', [values, before.values]), rate);
      eager.scatter(variable, before.places, eager.run('Sub', [values, back]));
      return undefined;
    });
  }
  return variable;
}

function adam(eager: Eager, numbers: AdamNumbers, proposal: Handle, piece: Piece): void {
  const fused = fuseAdam(numbers);
  if (!fused) {
    composedAdam(eager, numbers, proposal, piece);
    return;
  }
  const root = Math.sqrt(numbers.correction2);
  const rate = (numbers.learningRate * root) / numbers.correction1;
  const gradient = eager.binary('Mul', piece.gradient, fused.scale);
  // The powers of β are zero, so that the op corrects nothing: the rate and ε have it in them.
  const scalars = [0, 0, rate, fused.beta1, numbers.beta2, numbers.epsilon * root].map((value) => eager.scalar(value));
  eager.change('ResourceApplyAdam', [proposal, ...piece.slots, ...scalars, gradient]);
}

/**
 * TensorFlow's Adam takes β₂ as a float32 and 1 − β₂ from it, which for β₂ = 0.999 is off by 1.3e-5. That is made good
 * by scaling the gradient, and β₁ makes good the scale. Undefined where it cannot: then m or v would be off by more
 * than 1e-6 of what goes into it.
 */
export function fuseAdam({beta1, beta2}: AdamNumbers): {scale: number; beta1: number} | undefined {
  const taken = 1 - Math.fround(beta2);
  if (taken <= 0) return undefined;
  const scale = Math.fround(Math.sqrt((1 - beta2) / taken));
  const own = Math.fround(1 - (1 - beta1) / scale);
  const isClose = Math.abs(own - beta1) <= 1e-6 && Math.abs(scale * (1 - own) - (1 - beta1)) <= 1e-6;
  return isClose && own >= 0 ? {scale, beta1: own} : undefined;
}

/** Adam op by op, in the order of the reference. */
function composedAdam(eager: Eager, numbers: AdamNumbers, proposal: Handle, {gradient, slots}: Piece): void {
  const [m, v] = slots;
  const {beta1, beta2, correction1, correction2, learningRate, epsilon} = numbers;
  const set = (variable: Handle, value: Handle) => eager.change('AssignVariableOp', [variable, value]);
  eager.tidy(() => {
    const old = eager.readVariable(m);
    const move = eager.binary('Mul', eager.run('Sub', [gradient, old]), 1 - beta1);
    set(m, eager.run('AddV2', [old, move]));
    return undefined;
  });
  eager.tidy(() => {
    const square = eager.run('Mul', [eager.binary('Mul', gradient, 1 - beta2), gradient]);
    set(v, eager.run('AddV2', [eager.binary('Mul', eager.readVariable(v), beta2), square]));
    return undefined;
  });
  eager.tidy(() => {
    const root = eager.binary('RealDiv', eager.run('Sqrt', [eager.readVariable(v)]), Math.sqrt(correction2));
    const update = eager.binary('Mul', eager.readVariable(m), learningRate / correction1);
    const quotient = eager.run('RealDiv', [update, eager.binary('AddV2', root, epsilon)]);
    eager.change('ResourceApplyGradientDescent', [proposal, eager.scalar(1), quotient]);
    return undefined;
  });
}
