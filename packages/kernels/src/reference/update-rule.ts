import type {FusedRule, RuleNumbers} from '../contract.js';

const f32 = Math.fround;

/**
 * One parameter's proposal by an update rule, which also updates the parameter's slots in place.
 *
 * Rounds after every operation and in the order of PyTorch's single-tensor SGD and AdamW
 * (`torch/optim/sgd.py`, `torch/optim/adamw.py`; `lerp`, `addcmul` and `addcdiv` as in ATen).
 *
 * @param slots slots[j][i] is slot j of parameter i
 */
export function propose(
  numbers: FusedRule,
  theta: number,
  gradient: number,
  slots: readonly Float32Array[],
  i: number,
  seed: number,
): number {
  const decayed = decay(numbers, theta, seed);
  switch (numbers.rule) {
    case 'sgd':
      return f32(decayed + f32(f32(-numbers.learningRate) * gradient));
    case 'momentum': {
      const [b] = slots;
      const momentum = f32(numbers.momentum);
      b[i] = f32(f32(momentum * b[i]) + gradient);
      const direction = numbers.nesterov ? f32(gradient + f32(momentum * b[i])) : b[i];
      return f32(decayed + f32(f32(-numbers.learningRate) * direction));
    }
    case 'adam': {
      const [m, v] = slots;
      m[i] = f32(m[i] + f32(f32(1 - numbers.beta1) * f32(gradient - m[i])));
      v[i] = f32(f32(v[i] * f32(numbers.beta2)) + f32(f32(f32(1 - numbers.beta2) * gradient) * gradient));
      const root = f32(f32(Math.sqrt(v[i])) / f32(Math.sqrt(numbers.correction2)));
      const denominator = f32(root + f32(numbers.epsilon));
      const stepSize = f32(-(numbers.learningRate / numbers.correction1));
      return f32(decayed + f32(f32(stepSize * m[i]) / denominator));
    }
  }
}

/** Decoupled weight decay. Without it the value is left bit for bit. */
function decay({learningRate, weightDecay, decayTowards}: RuleNumbers, theta: number, seed: number): number {
  if (weightDecay === 0) return theta;
  if (decayTowards === 'zero') return f32(theta * f32(1 - learningRate * weightDecay));
  return f32(theta - f32(f32(learningRate * weightDecay) * f32(theta - seed)));
}
