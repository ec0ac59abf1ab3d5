import {readState, readSubset} from '@subset-tuning/kernels';
import type {Silo} from './silos.js';

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

/** Reads what differs from the seed, variable by variable; those without a change are left out. */
export async function readChanges(silos: readonly Silo[]): Promise<TensorChange[]> {
  const changes: TensorChange[] = [];
  for (const {variables, sizes, state} of silos) {
    const entries = readSubset(await readState(state), sizes);
    for (const [i, {positions, seeds}] of entries.entries()) {
      if (positions.length === 0) continue;
      const {name, shape} = variables[i];
      const all = await variables[i].data();
      const values = Float32Array.from(positions, (at) => all[at]);
      changes.push({name, shape: [...shape], positions, seeds, values});
    }
  }
  return changes;
}
