import {
  createState,
  Info,
  kernelPath,
  Path,
  readInfo,
  type StepDistance,
  type SubsetState,
  SubsetStep,
  subsetStep,
} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs';
import {adamW, LEARNING_RATE} from './adam-numbers.js';
import {compare, type Side} from './compare.js';
import {composedProjection} from './composed.js';
import {type Data, makeData} from './data.js';
import {type Grid, type Row, sides} from './rows.js';
import {alternate, summary, type Took, time} from './times.js';

/**
 * How long does a step of AdamW take that changes a subset only? Our SubsetStep through its public op, beside
 * `tf.train.adam`'s dense step, beside the same selection composed of stock ops after that step, and where they are
 * given beside what bounds a step from below, for steps whose window hits and for those whose window misses, and beside
 * the same step in PyTorch. Where it chooses by another distance than the absolute one, beside ours by that. All on one
 * tensor, with gradients that are a common direction plus as much noise.
 */
export async function step({
  backend,
  device,
  sizes,
  densities,
  distance = 'absolute',
  inARow,
  floors = {},
  turns: givenTurns,
  without = [],
  pytorch,
  onRow,
}: Grid): Promise<void> {
  for (const n of sizes) {
    const data = makeData(n, inARow);
    /** For calls that take far longer than waiting for the backend does, or that something must come between. */
    const alone = {...data, inARow: 1};
    for (const density of densities) {
      const k = Math.max(1, Math.round(density * n));
      const report = async (times: Took[], other: Row['other'], selection?: 'hit' | 'miss') => {
        if (times.length === 0) return;
        await onRow({
          ...{question: 'step', backend, device, n, density, kernel: SubsetStep, path: kernelPath(SubsetStep)},
          ...(distance !== 'absolute' && {distance}),
          ...(selection && {selection}),
          ...(!selection && {hits: steps.hits(times)}),
          ...sides(summary(times), other),
        });
      };

      const steps = subsetSteps(data, k, distance);
      const others: (readonly [string, () => Side, turns: number])[] = [
        ...(distance === 'absolute' ? [] : [['absolute', () => subsetSteps(data, k, 'absolute'), 8] as const]),
        ['tf.train.adam', () => stockAdam(data), 5],
        ['composed', () => composedStep(alone, k), 3],
      ];
      for (const [name, makeOther, turns] of others) {
        if (without.includes(name)) continue;
        const times = await compare(name, n, [steps.run], makeOther, givenTurns ?? turns);
        if (times) await report(times[0], {name, ...summary(times[1])});
      }

      for (const [name, floor] of Object.entries(floors)) {
        if (without.includes(name)) continue;
        const turns = givenTurns ?? 4;
        const hits = await compare(name, n, [steps.run], () => floor(data, k), turns);
        if (hits) await report(hits[0].filter(steps.hit), {name, ...summary(hits[1])}, 'hit');

        // An untimed step comes before each.
        // A window that lies below the k-th distance is no miss on webgpu, one that lies above is.
        const other = backend === 'webgpu' ? Math.max(1, k - (n >> 5)) : Math.min(n, k + (n >> 5));
        const missing = subsetSteps(alone, k, distance, other);
        const misses = await compare(name, n, [missing.run], () => floor(alone, k), turns);
        if (misses) await report(misses[0].filter(missing.missed), {name, ...summary(misses[1])}, 'miss');
        missing.dispose();
      }

      if (pytorch) {
        // Another process cannot take turns: ours come before and after.
        const before = await alternate([steps.run], 2);
        const theirs = pytorch(n, density);
        const after = await alternate([steps.run], 2);
        for (const form of theirs) await report([...before, ...after].flat(), form);
      }
      steps.dispose();
    }
    data.dispose();
  }
}

/**
 * Our steps, and of those timed together whether all windows hit or all missed.
 *
 * @param before where given, a step with this budget comes before those that are timed: so far away that the first
 *   window misses
 */
function subsetSteps({n, theta, inARow, gradients}: Data, k: number, distance: StepDistance, before?: number) {
  let parameters: tf.Tensor[] = [tf.tensor1d(theta.slice())];
  let slots: tf.Tensor[][] = [[tf.zeros([n])], [tf.zeros([n])]];
  let state: SubsetState<tf.Tensor> = createState([n], before ?? k);
  let t = 0;
  const paths = new Map<Took, number[]>();
  const advance = (gradient: tf.Tensor, budget: number) => {
    const old = parameters;
    t++;
    ({parameters, slots, state} = subsetStep({
      ...{parameters, gradients: [gradient], slots, state, k: budget, distance},
      numbers: adamW(t),
    }));
    tf.dispose(old);
  };
  const all = (path: number) => (took: Took) => paths.get(took)?.every((one) => one === path) ?? false;
  return {
    hit: all(Path.hit),
    missed: all(Path.miss),
    /** The share of steps whose window hit. */
    hits(tooks: readonly Took[]): number {
      const all = tooks.flatMap((took) => paths.get(took) ?? []);
      return all.filter((path) => path === Path.hit).length / all.length;
    },
    async run() {
      const drawn = gradients(inARow);
      if (before !== undefined) advance(drawn[0], before);
      const infos: tf.Tensor[] = [];
      const took = await time(
        ...Array.from({length: inARow}, (_, i) => () => {
          advance(drawn[i % drawn.length], k);
          infos.push(state[2].clone());
        }),
      );
      paths.set(took, []);
      for (const info of infos) {
        const {[Info.path]: path} = await readInfo([state[0], state[1], info]);
        paths.get(took)?.push(path);
      }
      tf.dispose([drawn, infos]);
      return took;
    },
    dispose() {
      tf.dispose([parameters, slots, state]);
    },
  };
}

/** `tf.train.adam`'s dense step, and what `andThen` does with its variable. */
function stockAdam({theta, inARow, gradients}: Data, andThen?: (variable: tf.Variable<tf.Rank.R1>) => void): Side {
  const variable = tf.variable(tf.tensor1d(theta.slice()));
  const optimizer = tf.train.adam(LEARNING_RATE);
  return {
    async run() {
      const drawn = gradients(inARow);
      const took = await time(
        ...Array.from({length: inARow}, (_, i) => () => {
          optimizer.applyGradients([{name: variable.name, tensor: drawn[i % drawn.length]}]);
          andThen?.(variable);
        }),
      );
      tf.dispose(drawn);
      return took;
    },
    dispose() {
      optimizer.dispose();
      variable.dispose();
    },
  };
}

/** The same, then the subset by stock ops. */
function composedStep(data: Data, k: number): Side {
  const seed = tf.tensor1d(data.theta.slice());
  const adam = stockAdam(data, (variable) => {
    const projected = composedProjection(variable, seed, k);
    variable.assign(projected);
    projected.dispose();
  });
  return {
    run: adam.run,
    dispose() {
      adam.dispose();
      seed.dispose();
    },
  };
}
