import {SubsetProject} from '../contract.js';
import {DISTANCES} from '../distance.js';
import {stateFromPositions} from '../subset-state.js';
import type {CheckedOptions, ConformanceCase} from './options.js';
import {Random} from './random.js';
import {type Projection, runProjections} from './silo-runs.js';
import {budgets} from './top-k-mask-cases.js';
import {ALL_KINDS, type Kind, valuesOf} from './values.js';

/** Silos of one tensor and of several, none of a size that words or vectors divide, one that crosses many words. */
export const SILOS: readonly number[][][] = [[[1]], [[3]], [[5, 13]], [[33], [1], [8, 8], [7], [3, 43], [2]]];

export function subsetProjectCases(options: CheckedOptions): ConformanceCase[] {
  const byKind = ALL_KINDS.flatMap((seedKind) =>
    DISTANCES.map((distance) => ({
      name: `${SubsetProject}: seed of ${seedKind} values, ${distance}, growing and shrinking budgets`,
      run: async () => {
        const random = new Random(options.seed);
        for (const shapes of SILOS) {
          const start = startOf(shapes, seedKind, random);
          const total = start.reduce((sum, {length}) => sum + length, 0);
          const ks = [...budgets(total), ...budgets(total).reverse()];
          const projections = ks.map((k) => ({k, distance, propose: drawn(random.pick(ALL_KINDS), random)}));
          await runProjections(start, shapes, projections, options);
        }
      },
    })),
  );
  const byImportance = ALL_KINDS.map((kind) => ({
    name: `${SubsetProject}: an importance of ${kind} values`,
    run: async () => {
      const random = new Random(options.seed);
      for (const shapes of SILOS) {
        const start = startOf(shapes, 'normal', random);
        const total = start.reduce((sum, {length}) => sum + length, 0);
        const projections = budgets(total).map(
          (k, i): Projection => ({
            ...{k, distance: DISTANCES[i % DISTANCES.length], propose: drawn(random.pick(ALL_KINDS), random)},
            importance: startOf(shapes, kind, random),
          }),
        );
        await runProjections(start, shapes, projections, options);
      }
    },
  }));
  return [
    ...byKind,
    ...byImportance,
    {
      name: `${SubsetProject}: ties straddle the k-th place inside a tensor and across tensors`,
      run: async () => {
        const shapes = [[40], [31], [70]];
        const start = startOf(shapes, 'zero', new Random(options.seed));
        const equal = {propose: (current: Float32Array[]) => current.map((array) => array.map(() => -0.5))};
        for (const k of [1, 39, 40, 41, 70, 71, 72, 140, 141]) {
          await runProjections(
            start,
            shapes,
            [
              {...equal, k},
              {...equal, k: Math.ceil(k / 2)},
              {...equal, k},
            ],
            options,
          );
        }
      },
    },
    {
      name: `${SubsetProject}: subnormal seeds come back bit for bit`,
      run: async () => {
        const random = new Random(options.seed);
        const shapes = [[65], [31]];
        const start = startOf(shapes, 'subnormal', random);
        const far: Projection = {
          k: 50,
          propose: (current) => current.map(({length}) => valuesOf('normal', length, random)),
        };
        await runProjections(start, shapes, [far, far, {...far, k: 3}, {...far, k: 0}], options);
      },
    },
    {
      name: `${SubsetProject}: a kept subset stays, whatever k says`,
      run: async () => {
        const random = new Random(options.seed);
        const shapes = [[65], [4, 9]];
        const start = startOf(shapes, 'normal', random);
        const select = {k: 17, propose: drawn('normal', random)};
        const kept = ([0, 5, 101] as const).flatMap((k) =>
          (['normal', 'nonFinite', 'anyBits'] as const).map((kind) => ({
            k,
            reselect: false,
            propose: drawn(kind, random),
          })),
        );
        await runProjections(start, shapes, [kept[0], select, ...kept, select, ...kept], options);
      },
    },
    {
      name: `${SubsetProject}: a subset that was given, kept and then left`,
      run: async () => {
        const random = new Random(options.seed);
        const shapes = [[65], [40]];
        const start = startOf(shapes, 'normal', random);
        const positions = [Uint32Array.of(0, 31, 32, 64), Uint32Array.of(39)];
        const subset = positions.map((places, i) => ({
          positions: places,
          seeds: Float32Array.from(places, (place) => start[i][place]),
        }));
        const kept = {k: 5, reselect: false, propose: drawn('normal', random)};
        const state = stateFromPositions(subset, [65, 40]);
        await runProjections(start, shapes, [kept, kept, {...kept, reselect: true}], options, state);
      },
    },
    {
      name: `${SubsetProject}: 65,537 parameters over ten slow steps`,
      run: async () => {
        const random = new Random(options.seed);
        const shapes = [[65_537], [129, 3]];
        const propose = (current: Float32Array[]) =>
          current.map((array) => array.map((value) => value + 0.01 * random.normal()));
        const projections = Array.from({length: 10}, (_, i) => ({k: i < 5 ? 656 : 33_000, propose}));
        await runProjections(startOf(shapes, 'normal', random), shapes, projections, options);
      },
    },
    {
      name: `${SubsetProject}: 300,388 parameters, budgets and distances jump`,
      run: async () => {
        const random = new Random(options.seed);
        const shapes = [[300_001], [129, 3]];
        const projections = [3000, 3000, 3000, 60_000, 300, 3000].map((k, i) => {
          const far = i === 5 ? 1e3 : 0.01;
          const propose = (current: Float32Array[]) =>
            current.map((array) => array.map((value) => value + far * random.normal()));
          return {k, propose};
        });
        await runProjections(startOf(shapes, 'normal', random), shapes, projections, options);
      },
    },
  ];
}

export function startOf(shapes: readonly number[][], kind: Kind, random: Random): Float32Array[] {
  return shapes.map((shape) =>
    valuesOf(
      kind,
      shape.reduce((product, size) => product * size, 1),
      random,
    ),
  );
}

/** Proposals of a kind that have nothing to do with the current values. */
function drawn(kind: Kind, random: Random): Projection['propose'] {
  return (current) => current.map(({length}) => valuesOf(kind, length, random));
}
