import * as tf from '@tensorflow/tfjs-core';
import type {Attention, Layout, Verbs} from './verbs.js';
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

/** A self-attention, by the name that it has in verbs. */
export type NamedAttention = Pick<Attention, 'heads' | 'keyValueHeads' | 'headSize'> & {name: string};

/**
 * The linear layers and the self-attentions that a computation in verbs goes through, in order. It is run over a token of
 * zeros by verbs that multiply nothing, so whatever a family is, it need not say.
 *
 * @param weights Those of the model; a layer whose weight is not among them, being another's, is left out.
 * @param compute Gets the verbs and the indices of the token.
 */
export function layersOf(
  weights: Weights,
  compute: (verbs: Verbs, zero: tf.Tensor1D) => void,
  nameOf = (name: string) => name,
): {projections: Projection[]; attentions: NamedAttention[]} {
  const projections = new Map<string, Projection>();
  const attentions = new Map<string, NamedAttention>();
  const shapeOf = (name: string) => weights.get(`${nameOf(name)}.weight`)?.shape ?? [];
  const zeros = (x: tf.Tensor, width: number) => tf.zeros<tf.Rank.R2>([x.shape[0], width]);
  const verbs: Verbs = {
    embed: (ids, name) => zeros(ids, shapeOf(name)[1]),
    project: (x, name, layout = 'out-in') => {
      const [first, second] = shapeOf(name);
      if (first === undefined) return x;
      const [inputs, outputs] = layout === 'in-out' ? [first, second] : [second, first];
      projections.set(nameOf(name), {name: nameOf(name), inputs, outputs, layout});
      return zeros(x, outputs);
    },
    attend: ([q], name, {heads, keyValueHeads, headSize}) => {
      attentions.set(name, {name, heads, keyValueHeads, headSize});
      return q;
    },
    attendToSource: (q, read) => {
      read(q);
      return q;
    },
    normalise: (x) => x,
  };
  tf.tidy(() => compute(verbs, tf.zeros([1], 'int32')));
  return {projections: [...projections.values()], attentions: [...attentions.values()]};
}
