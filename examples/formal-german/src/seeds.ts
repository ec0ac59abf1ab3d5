import jStat from 'jstat';
import type {Measures, MethodReport, Report} from './report.js';

/** A mean over seeds with its 95 % interval (Student's t). */
export interface Interval {
  mean: number;
  low: number;
  high: number;
  values: number[];
}

/** What `results/seeds.json` holds. */
export interface SeedsResult {
  seeds: number[];
  backend: string;
  steps: number;
  tokensPerStep: number;
  methods: (Pick<
    MethodReport,
    'method' | 'density' | 'name' | 'learningRate' | 'changedParameters' | 'totalParameters' | 'bytes'
  > &
    Record<keyof Measures, Interval>)[];
  proofs: Report['proofs'];
}

/** The methods of several reports that differ in their seed alone, each figure with its interval. */
export function summariseSeeds(reports: readonly Report[]): SeedsResult {
  const [first] = reports;
  return {
    seeds: reports.map(({seed}) => seed),
    backend: first.backend,
    steps: first.steps,
    tokensPerStep: first.tokensPerStep,
    methods: first.methods.map(
      ({method, density, name, learningRate, changedParameters, totalParameters, bytes}, i) => {
        const over = (key: keyof Measures) => interval(reports.map(({methods}) => methods[i][key]));
        return {
          ...{method, density, name, learningRate, changedParameters, totalParameters, bytes},
          ...{loss: over('loss'), formal: over('formal'), chrF: over('chrF'), chrFOther: over('chrFOther')},
          addressAdded: over('addressAdded'),
        };
      },
    ),
    proofs: {
      reloadBitExact: reports.every(({proofs}) => proofs.reloadBitExact),
      revertBitExact: reports.every(({proofs}) => proofs.revertBitExact),
    },
  };
}

function interval(values: number[]): Interval {
  const mean = jStat.mean(values);
  const [low, high] = jStat.tci(mean, 0.05, values);
  return {mean, low, high, values};
}
