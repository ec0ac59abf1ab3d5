import {createState, kernelPath, SubsetProject, subsetProject, TopKMask, topKMask} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs';
import {composedMask, composedProjection} from './composed.js';
import {normal} from './random.js';
import type {Grid, Row} from './rows.js';
import {alternate, summary, type Timed, time} from './times.js';

/**
 * What does exact selection cost by itself? TopKMask beside a mask by `tf.topk` and a scatter, and SubsetProject beside
 * the same projection composed of stock ops. The proposals differ from call to call, as an optimizer's do.
 */
export function kernels({backend, sizes, densities, onRow}: Grid): void {
  for (const n of sizes) {
    const seed = tf.tensor1d(normal(n, 0));
    const proposals = [1, 2, 3].map((i) => tf.add(seed, tf.tensor1d(normal(n, i).map((x) => 0.01 * x))) as tf.Tensor1D);
    const draw = () => proposals[Math.floor(Math.random() * proposals.length)];
    for (const density of densities) {
      const k = Math.max(1, Math.round(density * n));
      const compare = (kernel: Row['kernel'], other: string, sides: [Timed, Timed]) => {
        const [ours, others] = alternate(sides, 3).map(summary);
        const path = kernelPath(kernel === TopKMask ? TopKMask : SubsetProject);
        onRow({
          ...{question: 'kernels', backend, n, density, kernel, path, ours},
          ...{other: {name: other, ...others}, ratio: others.median / ours.median},
        });
      };

      compare(TopKMask, 'tf.topk, scatter', [
        () => timeTensor(() => topKMask(draw(), k, {y: seed})),
        () => timeTensor(() => tf.tidy(() => composedMask(tf.abs(tf.sub(draw(), seed)), k))),
      ]);

      let current: tf.Tensor = seed.clone();
      let state = createState([n], k);
      compare(SubsetProject, 'tf.topk, scatter, where', [
        () => {
          const old = current;
          const took = time(() => {
            const projected = subsetProject({proposals: [draw()], current: [old], state, k});
            [current] = projected.parameters;
            state = projected.state;
          });
          old.dispose();
          return took;
        },
        () => timeTensor(() => composedProjection(draw(), seed, k)),
      ]);
      tf.dispose([current, state]);
    }
    tf.dispose([seed, proposals]);
  }
}

function timeTensor(run: () => tf.Tensor): number {
  let result: tf.Tensor | undefined;
  const took = time(() => {
    result = run();
  });
  result?.dispose();
  return took;
}
