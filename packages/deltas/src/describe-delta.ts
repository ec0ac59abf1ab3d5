import {checkDelta, type Delta} from './delta.js';
import {writeDelta} from './write-delta.js';

/** What {@link describeDelta} says. */
export interface DeltaDescription {
  /** The model that the seed comes from. */
  base: string;
  /** Size of the file in bytes. */
  bytes: number;
  /** Entries that changed. */
  changed: number;
  /** Each changed tensor: its entries, how many of them changed, and their share of all its entries. */
  tensors: {name: string; size: number; changed: number; share: number}[];
}

/**
 * What a delta changes, in numbers.
 *
 * @example
 * ```ts
 * import {describeDelta} from '@subset-tuning/deltas';
 * describeDelta({base: 'my-model', tensors: [], tunedSha256: '0'.repeat(64)}).changed; // 0
 * ```
 */
export function describeDelta(delta: Delta): DeltaDescription {
  checkDelta(delta);
  const tensors = delta.tensors.map(({name, shape, values}) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return {name, size, changed: values.length, share: values.length / size};
  });
  const changed = tensors.reduce((sum, tensor) => sum + tensor.changed, 0);
  return {base: delta.base, bytes: writeDelta(delta).length, changed, tensors};
}
