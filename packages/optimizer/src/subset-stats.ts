import {Info, readInfo} from '@subset-tuning/kernels';
import type {Silo} from './silos.js';
import {sum} from './sum.js';
import {whileHeld} from './while-held.js';

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
  /** Selections so far that one pass decided, by a window for the threshold, and those that needed more. */
  hits: number;
  misses: number;
}

/** {@link SiloStats} added up over the silos, and each of them. */
export interface SubsetStats extends Omit<SiloStats, 'name' | 'threshold'> {
  /**
   * Steps so far in which the gradients' squares added up to more than float32 holds, a norm above 2⁶⁴ = 1.8e19: `clipNorm`
   * scaled them down like any others, but training may have come apart. Of this optimizer object, whatever it was loaded
   * from; 0 without `clipNorm`, which alone takes the norm.
   */
  overflowedNorms: number;
  silos: SiloStats[];
}

/** Reads what the last step did, from the device, whatever steps go on meanwhile. */
export async function readStats(silos: readonly Silo[]): Promise<SubsetStats> {
  const each = await Promise.all(silos.map(readSilo));
  const total = (key: Exclude<keyof SiloStats, 'name'>) => sum(each.map((silo) => silo[key]));
  return {
    ...{parameters: total('parameters'), budget: total('budget'), size: total('size')},
    ...{entered: total('entered'), left: total('left')},
    ...{nonFiniteGradients: total('nonFiniteGradients'), nonFiniteProposals: total('nonFiniteProposals')},
    ...{hits: total('hits'), misses: total('misses'), overflowedNorms: 0, silos: each},
  };
}

async function readSilo(silo: Silo): Promise<SiloStats> {
  const {name, sizes, budget, state, nonFiniteGradients} = silo;
  const reported = reportOf(silo);
  const [info, counted] = await Promise.all([
    whileHeld(state, ([mask, seeds, info]) => readInfo([mask, seeds, info])).then(reported),
    nonFiniteGradients && whileHeld([nonFiniteGradients], ([count]) => count.data()),
  ]);
  return {
    ...{name, parameters: sum(sizes), budget},
    ...{size: info[Info.size], entered: info[Info.entered], left: info[Info.left]},
    threshold: new Float32Array(info.buffer)[Info.threshold],
    nonFiniteGradients: (counted?.[0] ?? 0) + info[Info.nonFiniteGradients],
    nonFiniteProposals: info[Info.nonFiniteProposals],
    ...{hits: info[Info.hits], misses: info[Info.misses]},
  };
}

/** Makes of a state's info what the last step did: nothing where it passed the silo by. */
export function reportOf({rested, absent}: Silo): (info: Int32Array) => Int32Array {
  return (info) => {
    const report = info.slice();
    if (rested) {
      for (const place of [Info.entered, Info.left, Info.nonFiniteGradients, Info.nonFiniteProposals])
        report[place] = 0;
    } else {
      report[Info.nonFiniteGradients] -= absent;
    }
    return report;
  };
}
