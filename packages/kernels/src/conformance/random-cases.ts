import {type ContractKernel, SubsetProject, SubsetStep, TopKMask} from '../contract.js';
import {DEFAULT_ETA, DISTANCES, distancesOf} from '../distance.js';
import type {CheckedOptions, ConformanceCase} from './options.js';
import {Random} from './random.js';
import {type Projection, runProjections, runSteps, type Step} from './silo-runs.js';
import {startOf} from './subset-project-cases.js';
import {RULES} from './subset-step-cases.js';
import {checkTopKMask} from './top-k-mask-cases.js';
import {ALL_KINDS, type Kind, valuesOf} from './values.js';

const BATCH = 100;

/** Random cases in batches, going through the kernels in turn. The name of a failing one says how to run it again. */
export function randomCases(options: CheckedOptions): ConformanceCase[] {
  const batches = Math.ceil(options.random / BATCH);
  return Array.from({length: batches}, (_, batch) => {
    const first = batch * BATCH;
    const end = Math.min(options.random, first + BATCH);
    return {
      name: `random cases ${first} to ${end - 1} of seed ${options.seed}`,
      run: async () => {
        for (let i = first; i < end; i++) {
          const kernel = options.kernels[i % options.kernels.length];
          try {
            await RUN[kernel](new Random(options.seed + i * 0x9e3779b9), options);
          } catch (error) {
            throw new Error(`random case ${i} of seed ${options.seed}, ${kernel}`, {cause: error});
          }
        }
      },
    };
  });
}

const RUN: Record<ContractKernel, (random: Random, options: CheckedOptions) => Promise<void>> = {
  [TopKMask]: async (random, options) => {
    const size = randomSize(random);
    const x = valuesOf(random.pick(ALL_KINDS), size, random);
    const y = random.below(2) === 0 ? undefined : valuesOf(random.pick(ALL_KINDS), size, random);
    const eta = random.pick([DEFAULT_ETA, 0, 0.1]);
    const k = randomBudget(size, random);
    const importance = y && random.below(2) === 0 ? valuesOf(random.pick(ALL_KINDS), size, random) : undefined;
    await checkTopKMask([size], x, y, k, random.pick(DISTANCES), eta, options, importance);
  },
  [SubsetProject]: async (random, options) => {
    const {shapes, start, total} = randomSilo(random.pick(ALL_KINDS), random);
    const projections = Array.from(
      {length: 1 + random.below(4)},
      (): Projection => ({
        k: randomBudget(total, random),
        distance: random.pick(DISTANCES),
        eta: random.pick([DEFAULT_ETA, 0, 0.1]),
        reselect: random.below(4) !== 0,
        importance: random.below(2) === 0 ? startOf(shapes, random.pick(ALL_KINDS), random) : undefined,
        propose: (current) => {
          const kind = random.pick(ALL_KINDS);
          const isWalk = random.below(2) === 0;
          return current.map((array) =>
            isWalk ? array.map((value) => value + 0.1 * random.normal()) : valuesOf(kind, array.length, random),
          );
        },
      }),
    );
    await runProjections(start, shapes, projections, options);
  },
  [SubsetStep]: async (random, options) => {
    // Where rounding may differ, values for which it would decide everything are left to the cases that are exact.
    const kinds: readonly Kind[] =
      options.rounding === 'exact' ? ALL_KINDS : ['normal', 'normal', 'equal', 'zero', 'zeros', 'ties', 'nonFinite'];
    const seedKind = random.pick(kinds.filter((kind) => kind !== 'nonFinite' || options.rounding === 'exact'));
    const {shapes, start, total} = randomSilo(seedKind, random);
    const numbersAt = random.pick(Object.values(RULES));
    const weightDecay = random.pick([0, 0.1]);
    const decayTowards = random.pick(['zero', 'seed'] as const);
    const distance = random.pick(distancesOf(numbersAt(1)));
    const steps = Array.from(
      {length: 1 + random.below(4)},
      (_, t): Step => ({
        k: randomBudget(total, random),
        distance,
        reselect: random.below(4) !== 0,
        numbers: {...numbersAt(t + 1), weightDecay, decayTowards},
        gradients: startOf(shapes, random.pick(kinds), random),
        ...(random.below(2) === 0 ? {} : {scale: random.unit()}),
      }),
    );
    await runSteps(start, shapes, steps, options);
  },
};

/** Mostly small, so that edges are hit often; sometimes some thousands. */
function randomSize(random: Random): number {
  return 1 + random.below(random.pick([4, 40, 200, 200, 3000]));
}

function randomBudget(total: number, random: Random): number {
  return random.pick([0, 1, total, random.below(total + 1), random.below(total + 1), Math.floor(total / 50)]);
}

function randomSilo(kind: Kind, random: Random): {shapes: number[][]; start: Float32Array[]; total: number} {
  const shapes = Array.from({length: 1 + random.below(4)}, () => [randomSize(random)]);
  const total = shapes.reduce((sum, [size]) => sum + size, 0);
  return {shapes, start: startOf(shapes, kind, random), total};
}
