import {createState, kernelPath, SubsetProject, subsetProject, TopKMask, topKMask} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs';
import {compare} from './compare.js';
import {composedMask, composedName, composedProjection} from './composed.js';
import {normal} from './random.js';
import {type Grid, sides} from './rows.js';
import {summary, type Timed, type Took, time} from './times.js';

/**
 * What does exact selection cost by itself? TopKMask beside a mask by `tf.topk` and a scatter, and SubsetProject beside
 * the same projection composed of stock ops. The proposals differ from call to call, as an optimizer's do.
 */
export async function kernels({backend, device, sizes, densities, inARow, turns = 3, onRow}: Grid): Promise<void> {
  for (const n of sizes) {
    const seed = tf.tensor1d(normal(n, 0));
    const proposals = [1, 2, 3].map((i) => tf.add<tf.Tensor1D>(seed, tf.tensor1d(normal(n, i).map((x) => 0.01 * x))));
    const draw = () => proposals[Math.floor(Math.random() * proposals.length)];
    for (const density of densities) {
      const k = Math.max(1, Math.round(density * n));
      const row = async (kernel: typeof TopKMask | typeof SubsetProject, ours: Timed, name: string, other: Timed) => {
        const times = await compare(name, n, [ours], () => ({run: other, dispose() {}}), turns);
        if (!times) return;
        const [our, their] = times.map(summary);
        await onRow({
          ...{question: 'kernels', backend, device, n, density, kernel, path: kernelPath(kernel)},
          ...sides(our, {name, ...their}),
        });
      };

      await row(
        TopKMask,
        () => timeTensors(inARow, () => topKMask(draw(), k, {y: seed})),
        composedName(),
        () => timeTensors(1, () => tf.tidy(() => composedMask(tf.abs(tf.sub(draw(), seed)), k))),
      );

      let current: tf.Tensor = seed.clone();
      let state = createState([n], k);
      await row(
        SubsetProject,
        () =>
          time(
            ...new Array<() => void>(inARow).fill(() => {
              const old = current;
              const projected = subsetProject({proposals: [draw()], current: [old], state, k});
              [current] = projected.parameters;
              state = projected.state;
              old.dispose();
            }),
          ),
        `${composedName()}, where`,
        () => timeTensors(1, () => composedProjection(draw(), seed, k)),
      );
      tf.dispose([current, state]);
    }
    tf.dispose([seed, proposals]);
  }
}

async function timeTensors(inARow: number, run: () => tf.Tensor): Promise<Took> {
  return time(...new Array<() => void>(inARow).fill(() => run().dispose()));
}
