import type * as tf from '@tensorflow/tfjs-core';
import type {TokenVerbs} from './verbs.js';

/** What a model can be asked for besides texts: a class, the right one of some, a span of its text, what stands at a gap. */
export type Task = 'classification' | 'choice' | 'span' | 'masked';

/** What a task adds to a model's stack of blocks. */
export interface Head {
  /** Which tokens of a text it reads. */
  reads: 'first' | 'last' | 'each';
  /** Its tensors with their shapes, for so many outputs. */
  shapes(outputs: number): [name: string, shape: readonly number[]][];
  /** The layer of its outputs, which is made new where others are wanted. Without it: the head has none of its own. */
  output?: string;
  /** Tensors that are others of the model, by their own names. */
  tied?: Readonly<Record<string, string>>;
  /** From hidden states, [n, hiddenSize], to outputs, [n, outputs]. */
  apply(x: tf.Tensor2D, verbs: TokenVerbs): tf.Tensor2D;
}
