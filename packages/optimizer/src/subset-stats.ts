import {Info, readInfo} from '@subset-tuning/kernels';
import type {Silo} from './silos.js';
import {sum} from './sum.js';

/** What the last step did in one silo, see `SubsetOptimizer.stats`. */
export interface SiloStats {
  name: string;
  /** Number of parameters. */
  parameters: number;
  budget: number;
  /** Entries that differ from the seed now. */
  size: number;
  /** Entries that came into the subset at the last step, and that left it. */
  entered: number;
  left: number;
  /** The smallest distance that was chosen at the last selection; NaN where the portable fallback chose. */
  threshold: number;
  nonFiniteGradients: number;
  nonFiniteProposals: number;
  /** Selections so far that the predicted threshold decided in one pass, and those that needed the histogram. */
  hits: number;
  misses: number;
}

/** {@link SiloStats} added up over the silos, and each of them. */
export interface SubsetStats extends Omit<SiloStats, 'name' | 'threshold'> {
  silos: SiloStats[];
}

/** Reads what the last step did, from the device. */
export async function readStats(silos: readonly Silo[]): Promise<SubsetStats> {
  const each = await Promise.all(silos.map(readSilo));
  const total = (key: Exclude<keyof SiloStats, 'name'>) => sum(each.map((silo) => silo[key]));
  return {
    ...{parameters: total('parameters'), budget: total('budget'), size: total('size')},
    ...{entered: total('entered'), left: total('left')},
    ...{nonFiniteGradients: total('nonFiniteGradients'), nonFiniteProposals: total('nonFiniteProposals')},
    ...{hits: total('hits'), misses: total('misses'), silos: each},
  };
}

async function readSilo({name, sizes, budget, state, nonFiniteGradients}: Silo): Promise<SiloStats> {
  const info = await readInfo(state);
  const counted = nonFiniteGradients === undefined ? 0 : (await nonFiniteGradients.data())[0];
  return {
    ...{name, parameters: sum(sizes), budget},
    ...{size: info[Info.size], entered: info[Info.entered], left: info[Info.left]},
    threshold: new Float32Array(info.buffer)[Info.threshold],
    nonFiniteGradients: counted + info[Info.nonFiniteGradients],
    nonFiniteProposals: info[Info.nonFiniteProposals],
    ...{hits: info[Info.hits], misses: info[Info.misses]},
  };
}
