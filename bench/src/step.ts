import {
  createState,
  Info,
  kernelPath,
  Path,
  readInfo,
  type SubsetState,
  SubsetStep,
  subsetStep,
} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs';
import {adamW, LEARNING_RATE} from './adam-numbers.js';
import {compare, type Side} from './compare.js';
import {composedProjection} from './composed.js';
import {type Data, makeData} from './data.js';
import type {Grid, Row} from './rows.js';
import {alternate, summary, time} from './times.js';

/**
 * How long does a step of AdamW take that changes a subset only? Our SubsetStep through its public op, beside
 * `tf.train.adam`'s dense step, beside the same selection composed of stock ops after that step, and where they are
 * given beside a fused dense loop, what a step would take if nothing were selected, and beside the same step in PyTorch.
 * All on one tensor, with gradients that are a common direction plus as much noise.
 */
export async function step({backend, sizes, densities, dense, pytorch, onRow}: Grid): Promise<void> {
  for (const n of sizes) {
    const data = makeData(n);
    for (const density of densities) {
      const k = Math.max(1, Math.round(density * n));
      const report = async (times: number[], other: Row['other'], selection?: 'hit' | 'miss') => {
        if (times.length === 0) return;
        const ours = summary(times);
        await onRow({
          ...{question: 'step', backend, n, density, kernel: SubsetStep, path: kernelPath(SubsetStep)},
          ...(selection && {selection}),
          ...{ours, other, ratio: other.median / ours.median},
        });
      };

      const steps = subsetSteps(data, k);
      const others: [string, () => Side, turns: number][] = [
        ['tf.train.adam', () => stockAdam(data), 5],
        ['composed', () => composedStep(data, k), 3],
      ];
      for (const [name, makeOther, turns] of others) {
        const times = await compare(name, n, [steps.run], makeOther, turns);
        if (times) await report(times[0], {name, ...summary(times[1])});
      }

      if (dense) {
        steps.forget();
        const missing = subsetSteps(data, k, Math.min(n, k + (n >> 5)));
        const times = await compare('dense', n, [steps.run, missing.run], () => dense(data), 4);
        if (times) {
          const floor = {name: 'dense', ...summary(times[2])};
          await report(steps.times.hit, floor, 'hit');
          await report(missing.times.miss, floor, 'miss');
        }
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
  }
}

/**
 * Our steps, also by whether their window hit.
 *
 * @param before where given, a step with this budget comes before each, untimed: so far away that the window misses
 */
function subsetSteps({n, theta, gradient}: Data, k: number, before?: number) {
  let parameters: tf.Tensor[] = [tf.tensor1d(theta.slice())];
  let slots: tf.Tensor[][] = [[tf.zeros([n])], [tf.zeros([n])]];
  let state: SubsetState<tf.Tensor> = createState([n], before ?? k);
  let t = 0;
  const times: Record<'hit' | 'miss', number[]> = {hit: [], miss: []};
  const advance = async (budget: number) => {
    const old = parameters;
    const gradients = [gradient()];
    t++;
    const took = await time(() => {
      ({parameters, slots, state} = subsetStep({parameters, gradients, slots, state, k: budget, numbers: adamW(t)}));
    });
    tf.dispose([old, gradients]);
    return took;
  };
  return {
    times,
    async run() {
      if (before !== undefined) await advance(before);
      const took = await advance(k);
      const {[Info.path]: path} = await readInfo(state);
      if (path === Path.hit) times.hit.push(took);
      else times.miss.push(took);
      return took;
    },
    /** Forgets the times so far. */
    forget() {
      times.hit = [];
      times.miss = [];
    },
    dispose() {
      tf.dispose([parameters, slots, state]);
    },
  };
}

/** `tf.train.adam`'s dense step, and what `andThen` does with its variable. */
function stockAdam({theta, gradient}: Data, andThen?: (variable: tf.Variable<tf.Rank.R1>) => void): Side {
  const variable = tf.variable(tf.tensor1d(theta.slice()));
  const optimizer = tf.train.adam(LEARNING_RATE);
  return {
    async run() {
      const tensor = gradient();
      const took = await time(() => {
        optimizer.applyGradients([{name: variable.name, tensor}]);
        andThen?.(variable);
      });
      tensor.dispose();
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
