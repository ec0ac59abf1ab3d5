import {adamW} from './adam-numbers.js';
import {type Timed, time} from './times.js';

const f32 = Math.fround;

/**
 * The floor on the cpu backend: AdamW fused into one plain loop, slots in place, new parameters in new memory, and no
 * subset. Rounds as our cpu kernel does.
 */
export function denseAdam(theta: Float32Array, gradientAt: () => Float32Array): Timed {
  const m = new Float32Array(theta.length);
  const v = new Float32Array(theta.length);
  let parameters = theta;
  let t = 0;
  return () => {
    const gradient = gradientAt();
    t++;
    return time(() => {
      parameters = step(parameters, gradient, m, v, t);
    });
  };
}

function step(theta: Float32Array, gradient: Float32Array, m: Float32Array, v: Float32Array, t: number): Float32Array {
  const numbers = adamW(t);
  const fresh1 = f32(1 - numbers.beta1);
  const beta2 = f32(numbers.beta2);
  const fresh2 = f32(1 - numbers.beta2);
  const correction = f32(Math.sqrt(numbers.correction2));
  const size = f32(-(numbers.learningRate / numbers.correction1)) * correction;
  const epsilon = f32(numbers.epsilon) * correction;
  const keep = f32(1 - numbers.learningRate * numbers.weightDecay);
  const next = new Float32Array(theta.length);
  for (let i = 0; i < theta.length; i++) {
    const g = gradient[i];
    const mean = f32(m[i] + fresh1 * (g - m[i]));
    const square = f32(v[i] * beta2 + fresh2 * g * g);
    m[i] = mean;
    v[i] = square;
    next[i] = theta[i] * keep + (size * mean) / (Math.sqrt(square) + epsilon);
  }
  return next;
}
