import type * as tf from '@tensorflow/tfjs-core';
import type {Head} from '../head.js';
import type {Shapes} from './decoder-parts.js';

/** A layer's matrix, [out, in], and its bias. */
export function linearShapes(name: string, from: number, to: number): Shapes {
  return [
    [`${name}.weight`, [to, from]],
    [`${name}.bias`, [to]],
  ];
}

/** A layer normalised by mean and variance. */
export function layerNormShapes(name: string, width: number): Shapes {
  return [
    [`${name}.weight`, [width]],
    [`${name}.bias`, [width]],
  ];
}

/** Two numbers a token: how well an answer begins there, and how well it ends there. */
export function spanHead(width: number): Head {
  return {
    reads: 'each',
    output: 'qa_outputs',
    shapes: (outputs) => linearShapes('qa_outputs', width, outputs),
    apply: (x, verbs) => verbs.project(x, 'qa_outputs'),
  };
}

/** act(x·Wᵀ + bias) by the layer of this name, and the outputs of `classifier`. */
export function classificationHead(width: number, name: string, act: (x: tf.Tensor2D) => tf.Tensor2D): Head {
  return {
    reads: 'first',
    output: 'classifier',
    shapes: (outputs) => [...linearShapes(name, width, width), ...linearShapes('classifier', width, outputs)],
    apply: (x, verbs) => verbs.project(act(verbs.project(x, name)), 'classifier'),
  };
}
