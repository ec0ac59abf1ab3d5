import {denseAdamStep} from '@subset-tuning/kernels-wasm';
import * as tf from '@tensorflow/tfjs';
import {adamW} from './adam-numbers.js';
import type {Side} from './compare.js';
import type {Data} from './data.js';
import {time} from './times.js';

const f32 = Math.fround;

/**
 * A floor under a step: Adam fused into one loop, slots in place, new parameters in new memory, no subset. In plain
 * JavaScript, with weight decay. Rounds as our cpu kernel does.
 */
export function denseAdamOnCpu({theta, gradientArray}: Data): Side {
  const m = new Float32Array(theta.length);
  const v = new Float32Array(theta.length);
  let parameters = theta;
  let t = 0;
  return {
    run() {
      const gradient = gradientArray();
      t++;
      return time(() => {
        parameters = stepOnCpu(parameters, gradient, m, v, t);
      });
    },
    dispose() {},
  };
}

function stepOnCpu(
  theta: Float32Array,
  gradient: Float32Array,
  m: Float32Array,
  v: Float32Array,
  t: number,
): Float32Array {
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

/** The same by the code of our wasm kernel, without weight decay. */
export function denseAdamOnWasm({n, theta, gradient}: Data): Side {
  let parameter: tf.Tensor = tf.tensor1d(theta);
  const slots: [tf.Tensor, tf.Tensor] = [tf.zeros([n]), tf.zeros([n])];
  let t = 0;
  return {
    async run() {
      const old = parameter;
      const g = gradient();
      t++;
      const took = await time(() => {
        parameter = denseAdamStep(old, g, slots, {...adamW(t), weightDecay: 0});
      });
      tf.dispose([old, g]);
      return took;
    },
    dispose() {
      tf.dispose([parameter, slots]);
    },
  };
}
