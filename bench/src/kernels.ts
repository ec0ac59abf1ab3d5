import {createState, kernelPath, SubsetProject, subsetProject, TopKMask, topKMask} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs';
import {compare} from './compare.js';
import {composedMask, composedName, composedProjection} from './composed.js';
import {normal} from './random.js';
import type {Grid} from './rows.js';
import {summary, type Timed, time} from './times.js';

/**
 * What does exact selection cost by itself? TopKMask beside a mask by `tf.topk` and a scatter, and SubsetProject beside
 * the same projection composed of stock ops. The proposals differ from call to call, as an optimizer's do.
 */
export async function kernels({backend, sizes, densities, onRow}: Grid): Promise<void> {
  for (const n of sizes) {
    const seed = tf.tensor1d(normal(n, 0));
    const proposals = [1, 2, 3].map((i) => tf.add<tf.Tensor1D>(seed, tf.tensor1d(normal(n, i).map((x) => 0.01 * x))));
    const draw = () => proposals[Math.floor(Math.random() * proposals.length)];
    for (const density of densities) {
      const k = Math.max(1, Math.round(density * n));
      const row = async (kernel: typeof TopKMask | typeof SubsetProject, ours: Timed, name: string, other: Timed) => {
        const times = await compare(name, n, [ours], () => ({run: other, dispose() {}}), 3);
        if (!times) return;
        const [our, their] = times.map(summary);
        await onRow({
          ...{question: 'kernels', backend, n, density, kernel, path: kernelPath(kernel)},
          ...{ours: our, other: {name, ...their}, ratio: their.median / our.median},
        });
      };

      await row(
        TopKMask,
        () => timeTensor(() => topKMask(draw(), k, {y: seed})),
        composedName(),
        () => timeTensor(() => tf.tidy(() => composedMask(tf.abs(tf.sub(draw(), seed)), k))),
      );

      let current: tf.Tensor = seed.clone();
      let state = createState([n], k);
      await row(
        SubsetProject,
        async () => {
          const old = current;
          const took = await time(() => {
            const projected = subsetProject({proposals: [draw()], current: [old], state, k});
            [current] = projected.parameters;
            state = projected.state;
          });
          old.dispose();
          return took;
        },
        `${composedName()}, where`,
        () => timeTensor(() => composedProjection(draw(), seed, k)),
      );
      tf.dispose([current, state]);
    }
    tf.dispose([seed, proposals]);
  }
}

async function timeTensor(run: () => tf.Tensor): Promise<number> {
  let result: tf.Tensor | undefined;
  const took = await time(() => {
    result = run();
  });
  result?.dispose();
  return took;
}
