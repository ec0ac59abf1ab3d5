import * as tf from '@tensorflow/tfjs-core';

interface Forward<T extends tf.Tensor> {
  value: T;
  /** What the gradient needs, in the order in which it gets it. */
  saved: tf.Tensor[];
}

/**
 * An op with a gradient of its own: nothing inside `forward` is taped, so a backward pass keeps and computes only what
 * `backward` says.
 *
 * @param inputs The tensors to differentiate by.
 * @param forward Computes the value.
 * @param backward The gradient by each of `inputs`, from the gradient by the value and what was saved. It may use no
 * other tensor made in the forward pass: those are gone by then.
 * @param options `keepsSaved`: what was saved stays until the backward pass ends, for another op's part of it.
 */
export function withGradient<T extends tf.Tensor>(
  inputs: tf.Tensor[],
  forward: () => Forward<T>,
  backward: (dy: T, saved: tf.Tensor[]) => tf.Tensor[],
  {keepsSaved = false} = {},
): T {
  const op = tf.customGrad<T>((...args) => {
    const {value, saved} = forward();
    const save = args[inputs.length] as tf.GradSaveFunc; // tfjs passes the inputs, then this
    // What tfjs saves it clones, which on wasm is a copy. A variable outlives the pass and needs none.
    save(saved.filter((tensor) => !isVariable(tensor)));
    const gradFunc = (dy: T, kept: tf.Tensor[]) => {
      const copies = [...kept];
      const all = saved.map((tensor) => (isVariable(tensor) ? tensor : copies.shift())) as tf.Tensor[]; // one a tensor
      const gradients = tf.tidy(() => backward(dy, all));
      // tfjs would keep them until the end of the backward pass, which for a large model is more than its weights. Where
      // another pass goes over this one, for gradients of gradients, they are needed again. A scalar may be the caller's.
      const isOver = tf.engine().state.gradientDepth === 0;
      const used = [...(keepsSaved ? [] : kept), ...(dy.rank > 0 ? [dy] : [])];
      if (isOver) tf.dispose(used.filter((tensor) => !gradients.includes(tensor)));
      return gradients;
    };
    return {value, gradFunc};
  });
  return op(...inputs);
}

/** Whether a tensor is a variable that no backward pass differentiates by, as the weights under an adapter. */
export function isFrozen(tensor: tf.Tensor): boolean {
  return tensor instanceof tf.Variable && !tensor.trainable;
}

/** Stands for the gradient by what is frozen, which tfjs never looks at: of a large matrix it would be as large. */
export function frozenGradient(): tf.Tensor {
  return tf.scalar(0);
}

function isVariable(tensor: tf.Tensor): boolean {
  return tensor instanceof tf.Variable;
}
