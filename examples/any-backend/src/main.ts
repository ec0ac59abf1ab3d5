import {kernelPath} from '@subset-tuning/kernels';
import {dynamicSubset, sgd} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs'; // brings cpu and webgl

const inPage = typeof document === 'object';
const modules = new URL('../../../node_modules/', import.meta.url);
const print = (line: string) => (inPage ? document.querySelector('pre')?.append(`${line}\n`) : console.log(line));

/** Each brings a backend of tfjs, where tfjs itself does not, and gives this project's kernels for it. */
const BACKENDS: Record<string, () => Promise<{register(): void}>> = {
  cpu: () => import('@subset-tuning/kernels-cpu'),
  wasm: async () => {
    const {setWasmPaths} = await import('@tensorflow/tfjs-backend-wasm');
    if (inPage) setWasmPaths(new URL('@tensorflow/tfjs-backend-wasm/dist/', modules).href);
    return import('@subset-tuning/kernels-wasm');
  },
  webgl: () => import('@subset-tuning/kernels-webgl'),
  webgpu: async () => {
    if (!inPage) await (await import('@subset-tuning/kernels-webgpu/node')).startDawn();
    await import('@tensorflow/tfjs-backend-webgpu');
    return import('@subset-tuning/kernels-webgpu');
  },
  tensorflow: async () => {
    const {createRequire} = await import('node:module');
    createRequire(new URL('../.tfjs-node/', modules))('@tensorflow/tfjs-node'); // yours: import('@tensorflow/tfjs-node')
    return import('@subset-tuning/kernels-node');
  },
};

/** Lets eight of 1,000 weights follow targets that move, for ten steps, and gives their positions and values. */
async function takeTenSteps(): Promise<string> {
  const numbers = (seed: number) => Float32Array.from({length: 1000}, (_, i) => ((i + 1) * seed) % 1009);
  const weights = tf.variable(tf.tensor1d(numbers(7)), true, 'weights');
  // Halves of whole numbers ten times over: exact in float32, so that every backend must choose the same.
  const optimizer = dynamicSubset(sgd({learningRate: 0.25}), {parameters: 8});
  for (let step = 0; step < 10; step++) {
    const target = numbers(11 + step);
    optimizer.minimize(() => tf.sum(tf.squaredDifference(weights, target)));
  }
  const [{positions, values}] = await optimizer.subset();
  for (const used of [optimizer, weights]) used.dispose();
  return `${[...positions]}: ${[...values].map((value) => value.toFixed(3))}`;
}

const named = inPage ? new URLSearchParams(location.search).getAll('backend') : process.argv.slice(2);
const names = named.length > 0 ? named : ['cpu', 'wasm', 'webgpu', inPage ? 'webgl' : 'tensorflow'];
for (const name of names) {
  try {
    const {register} = await BACKENDS[name]();
    if (!(await tf.setBackend(name))) throw new Error('it did not start');
    register();
    print(`${name}, ${kernelPath('SubsetStep')}: ${await takeTenSteps()}`);
  } catch (error) {
    print(`${name} is missing: ${error}`);
  }
}
