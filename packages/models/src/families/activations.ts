import type * as tf from '@tensorflow/tfjs-core';
import type {ConfigReader} from '../config-reader.js';
import {erfGelu} from '../ops/erf-gelu.js';
import {gelu} from '../ops/gelu.js';
import {relu} from '../ops/relu.js';
import {sigmoidGated} from '../ops/sigmoid-gated.js';

type Activation = (x: tf.Tensor2D) => tf.Tensor2D;

/** What transformers calls activations. `gelu_fast` is written otherwise there and is the same. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  ...{gelu: erfGelu, gelu_python: erfGelu, gelu_new: gelu, gelu_pytorch_tanh: gelu, gelu_fast: gelu, relu},
  ...{silu: (x) => sigmoidGated(x, 1), swish: (x) => sigmoidGated(x, 1), quick_gelu: (x) => sigmoidGated(x, 1.702)},
};

/** The activation that this attribute names. */
export function readActivation(reader: ConfigReader, key: string, missing: string): Activation {
  return ACTIVATIONS[reader.oneOf(key, Object.keys(ACTIVATIONS), missing)];
}
