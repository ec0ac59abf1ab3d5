import type {Tensor, TensorInfo} from '@tensorflow/tfjs-core';
import type {Eager} from './eager.js';
import type {Handle, NodeBackend} from './node-backend.js';

/** A slot in the middle of a step. */
export interface OwnedSlot {
  /** Its variable. */
  variable: Handle;
  /** The new slot. The tensor that was given is then empty, and to be disposed. */
  toOutput(): Tensor;
  /** Gives the tensor what the variable holds, after an error. */
  giveBack(): void;
}

/**
 * Takes a slot's memory into a variable, so that an update op works in place. Where another tensor or JavaScript shares
 * the memory, TensorFlow copies before it writes.
 */
export function ownSlot(eager: Eager, backend: NodeBackend, info: TensorInfo): OwnedSlot {
  const row = eager.row(info);
  const variable = eager.variable(row);
  eager.free(row);
  const data = backend.tensorMap.get(info.dataId);
  const isTaken = data.refCount === 1;
  if (isTaken) {
    backend.binding.deleteTensor(data.id);
    data.id = -1;
  }
  const take = () => eager.reshape(eager.readVariable(variable), info.shape);
  return {
    variable,
    toOutput: () => eager.toTensor(eager.readVariable(variable), info.shape),
    giveBack: () => {
      if (isTaken && data.id === -1) data.id = eager.release(take());
    },
  };
}
