import * as tf from '@tensorflow/tfjs-core';
import type {Layout, Verbs} from './verbs.js';
import type {Weights} from './weights.js';

/** A linear layer: its weight is `NAME.weight`, and its bias, where it has one, `NAME.bias`. */
export interface Projection {
  name: string;
  /** The width of what goes in. */
  inputs: number;
  /** The width of what comes out. */
  outputs: number;
  layout: Layout;
}

/**
 * The linear layers that a computation in verbs goes through, in order. It is run over a token of zeros by verbs that
 * multiply nothing, so whatever a family is, it need not say.
 *
 * @param weights Those of the model; a layer whose weight is not among them, being another's, is left out.
 * @param compute Gets the verbs and the indices of the token.
 */
export function projectionsOf(
  weights: Weights,
  compute: (verbs: Verbs, zero: tf.Tensor1D) => void,
  nameOf = (name: string) => name,
): Projection[] {
  const found = new Map<string, Projection>();
  const shapeOf = (name: string) => weights.get(`${nameOf(name)}.weight`)?.shape ?? [];
  const zeros = (x: tf.Tensor, width: number) => tf.zeros<tf.Rank.R2>([x.shape[0], width]);
  const verbs: Verbs = {
    embed: (ids, name) => zeros(ids, shapeOf(name)[1]),
    project: (x, name, layout = 'out-in') => {
      const [first, second] = shapeOf(name);
      if (first === undefined) return x;
      const [inputs, outputs] = layout === 'in-out' ? [first, second] : [second, first];
      found.set(nameOf(name), {name: nameOf(name), inputs, outputs, layout});
      return zeros(x, outputs);
    },
    attend: ([q]) => q,
    attendToSource: (q, read) => {
      read(q);
      return q;
    },
    normalise: (x) => x,
  };
  tf.tidy(() => compute(verbs, tf.zeros([1], 'int32')));
  return [...found.values()];
}
