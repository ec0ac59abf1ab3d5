import {readState, readSubset} from '@subset-tuning/kernels';
import type {Silo} from './silos.js';
import {whileHeld} from './while-held.js';

/** The tuned entries of one tensor: everything that a delta holds, and everything that undoing it needs. */
export interface TensorChange {
  name: string;
  shape: number[];
  /** Flat positions, ascending. */
  positions: Uint32Array;
  /** The tuned values at these positions. */
  values: Float32Array;
  /** The pretrained values at these positions, bit for bit. */
  seeds: Float32Array;
}

/**
 * Reads what differs from the seed, variable by variable, whatever steps go on meanwhile; those without a change are left
 * out.
 */
export async function readChanges(silos: readonly Silo[]): Promise<TensorChange[]> {
  const members = silos.map(({variables, sizes}) => ({sizes, names: variables.map(({name}) => name)}));
  const tensors = silos.flatMap(({state, variables}) => [...state, ...variables]);
  return whileHeld(tensors, async (held) => {
    const changes: TensorChange[] = [];
    let next = 0;
    // One after the other: what is read of a variable is all of it.
    for (const {sizes, names} of members) {
      const [mask, seeds, info, ...variables] = held.slice(next, next + 3 + names.length);
      next += 3 + names.length;
      for (const [i, entry] of readSubset(await readState([mask, seeds, info]), sizes).entries()) {
        if (entry.positions.length === 0) continue;
        const {shape} = variables[i];
        const all = await variables[i].data();
        const values = Float32Array.from(entry.positions, (at) => all[at]);
        changes.push({name: names[i], shape: [...shape], ...entry, values});
      }
    }
    return changes;
  });
}
