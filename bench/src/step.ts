import {createState, Info, kernelPath, Path, type SubsetState, SubsetStep, subsetStep} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs';
import {adamW, LEARNING_RATE} from './adam-numbers.js';
import {composedProjection} from './composed.js';
import {denseAdam} from './dense-adam.js';
import {isOutOfMemory} from './out-of-memory.js';
import {pytorchStep} from './pytorch-step.js';
import {normal} from './random.js';
import type {Grid, Row} from './rows.js';
import {alternate, summary, type Timed, time} from './times.js';

/**
 * How long does a step of AdamW take that changes a subset only? Our SubsetStep through its public op, beside
 * `tf.train.adam`'s dense step, beside the same selection composed of stock ops after that step, on cpu beside a fused
 * dense loop: what a step would take if nothing were selected; and where a Python is given beside the same step in
 * PyTorch. All on one tensor, with gradients that are a common direction plus as much noise. What the backend has no
 * memory for is left out, with a word about it.
 */
export function step({backend, sizes, densities, python, onRow}: Grid): void {
  for (const n of sizes) {
    const data = makeData(n);
    for (const density of densities) {
      const k = Math.max(1, Math.round(density * n));
      const report = (times: number[], other: Row['other'], selection?: 'hit' | 'miss') => {
        if (times.length === 0) return;
        const ours = summary(times);
        const path = kernelPath(SubsetStep);
        onRow({
          ...{question: 'step', backend, n, density, kernel: SubsetStep, path},
          ...(selection && {selection}),
          ...{ours, other, ratio: other.median / ours.median},
        } satisfies Row);
      };

      const steps = subsetSteps(data, k);
      const compare = (name: string, makeSide: () => Side, turns: number) => {
        let side: Side | undefined;
        try {
          side = makeSide();
          const [ours, others] = alternate([steps.run, side.run], turns);
          report(ours, {name, ...summary(others)});
        } catch (error) {
          if (!isOutOfMemory(error)) throw error;
          const {median, min, max} = summary(alternate([steps.run], turns)[0]);
          console.warn(`no row for ${name} at n = ${n}, out of memory: ${error.message}`);
          console.warn(`ours alone: ${median.toFixed(1)} ms (${min.toFixed(1)}–${max.toFixed(1)})`);
        } finally {
          side?.dispose();
        }
      };
      compare('tf.train.adam', () => stockAdam(data), 5);
      compare('composed', () => composedStep(data, k), 3);

      if (backend === 'cpu') {
        steps.forget();
        const missing = subsetSteps(data, k, Math.min(n, k + (n >> 5)));
        const [, , dense] = alternate([steps.run, missing.run, denseAdam(data.theta, data.gradientArray)], 4);
        const floor = {name: 'dense', ...summary(dense)};
        report(steps.times.hit, floor, 'hit');
        report(missing.times.miss, floor, 'miss');
        missing.dispose();
      }

      if (python !== undefined) {
        // Another process cannot take turns: ours come before and after.
        const before = alternate([steps.run], 2);
        const theirs = pytorchStep(python, n, density);
        const after = alternate([steps.run], 2);
        for (const form of theirs) report([...before, ...after].flat(), form);
      }
      steps.dispose();
    }
  }
}

interface Data {
  n: number;
  theta: Float32Array;
  /** A gradient of its own for each call, in the same memory. */
  gradientArray(): Float32Array;
  /** The same as a tensor, to be disposed. */
  gradient(): tf.Tensor1D;
}

function makeData(n: number): Data {
  const direction = normal(n, 1);
  const noise = normal(n, 2);
  const array = new Float32Array(n);
  // Noise that is moved on by a random stretch is as good as new, for no parameter has seen it yet.
  const gradientArray = () => {
    let from = Math.floor(Math.random() * n);
    for (let i = 0; i < n; i++) {
      array[i] = direction[i] + noise[from];
      if (++from === n) from = 0;
    }
    return array;
  };
  const theta = normal(n, 0).map((x) => 0.02 * x);
  return {n, theta, gradientArray, gradient: () => tf.tensor1d(gradientArray())};
}

/** A side of the comparison: runs a step and says how long that took. */
interface Side {
  run: Timed;
  dispose(): void;
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
  const advance = (budget: number) => {
    const old = parameters;
    const gradients = [gradient()];
    t++;
    const took = time(() => {
      ({parameters, slots, state} = subsetStep({parameters, gradients, slots, state, k: budget, numbers: adamW(t)}));
    });
    tf.dispose([old, gradients]);
    return took;
  };
  return {
    times,
    run() {
      if (before !== undefined) advance(before);
      const took = advance(k);
      const path = state[2].dataSync()[Info.path];
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

/** `tf.train.adam`'s dense step. */
function stockAdam({theta, gradient}: Data): Side & {variable: tf.Variable<tf.Rank.R1>} {
  const variable = tf.variable(tf.tensor1d(theta.slice()));
  const optimizer = tf.train.adam(LEARNING_RATE);
  return {
    variable,
    run() {
      const tensor = gradient();
      const took = time(() => optimizer.applyGradients([{name: variable.name, tensor}]));
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
  const adam = stockAdam(data);
  const seed = tf.tensor1d(data.theta.slice());
  return {
    run() {
      const took = adam.run();
      return (
        took +
        time(() => {
          const projected = composedProjection(adam.variable, seed, k);
          adam.variable.assign(projected);
          projected.dispose();
        })
      );
    },
    dispose() {
      adam.dispose();
      seed.dispose();
    },
  };
}
