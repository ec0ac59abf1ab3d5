import {createState, Info, Path, readInfo, type SubsetState, subsetStep} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs';
import {adamW, LEARNING_RATE} from './adam-numbers.js';
import {makeData} from './data.js';
import {freeBuffers} from './free-buffers.js';
import type {Grid} from './rows.js';
import {settle} from './settle.js';
import {commandEncoder, type WebGpuBackend, webgpuBackend} from './webgpu-backend.js';

const STEPS = 24;

/** Where a step's time goes on webgpu: on the host by WebGPU call, on the GPU by shader. Prints tables and gives no rows. */
export async function profile({sizes, densities}: Grid): Promise<void> {
  const webgpu = webgpuBackend();
  if (!webgpu) throw new Error('profile is for --backend webgpu alone');
  for (const n of sizes) {
    const data = makeData(n, 1);
    for (const density of densities) {
      const k = Math.max(1, Math.round(density * n));
      const title = `n = ${n}, density ${density}`;
      const steps = subsetSteps(data.theta.slice());
      const adam = stockAdam(data.theta.slice());
      for (const [name, run] of [
        ['ours', (gradient: tf.Tensor) => steps.run(gradient, k)],
        ['tf.train.adam', adam.run],
      ] as const) {
        for (let i = 0; i < STEPS; i++) await once(data.gradient(), run);
        await printHost(`${name}, ${title}`, webgpu, data.gradient, run);
        await printGpu(`${name}, ${title}`, webgpu, data.gradient, run, name === 'ours' ? steps.path : undefined);
      }
      // As in `step`: a window that lies above the k-th distance misses.
      const before = Math.max(1, k - (n >> 5));
      const jump = async (gradient: tf.Tensor) => {
        steps.run(gradient, before);
        await settle();
      };
      await printGpu(`ours after a jump, ${title}`, webgpu, data.gradient, (g) => steps.run(g, k), steps.path, jump);
      steps.dispose();
      adam.dispose();
      await freeBuffers();
    }
    data.dispose();
  }
}

/** Milliseconds of each step, and of all of them by shader. */
interface Gpu {
  steps: number[];
  shaders: Map<string, {count: number; ms: number}>;
}

type Run = (gradient: tf.Tensor) => void;

async function once(gradient: tf.Tensor, run: Run): Promise<void> {
  run(gradient);
  gradient.dispose();
  await settle();
}

/** Host time of steps in a row, each submitted, and until the GPU is done. */
async function printHost(title: string, webgpu: WebGpuBackend, gradient: () => tf.Tensor, run: Run): Promise<void> {
  const gradients = Array.from({length: 4}, gradient);
  await settle();
  for (const watched of [false, true]) {
    const calls = new Map<string, {calls: number; ms: number}>();
    const undo = watched ? watch(calls) : () => {};
    const start = performance.now();
    let slowest = 0;
    for (let i = 0; i < STEPS; i++) {
      const begin = performance.now();
      run(gradients[i % gradients.length]);
      commandEncoder(webgpu);
      webgpu.submitQueue();
      slowest = Math.max(slowest, performance.now() - begin);
    }
    const recorded = performance.now() - start;
    undo();
    await settle();
    const done = performance.now() - start;
    const each = (ms: number) => Number((ms / STEPS).toFixed(4));
    console.log(
      `host, ${title}${watched ? ', watched' : ''}: ${each(recorded)} ms a step to record and submit ` +
        `(slowest ${slowest.toFixed(2)}), ${each(done)} ms until done`,
    );
    if (watched) {
      console.table(
        [...calls]
          .toSorted(([, a], [, b]) => b.ms - a.ms)
          .map(([call, {calls, ms}]) => ({call, 'calls a step': each(calls), 'ms a step': each(ms)})),
      );
    }
  }
  tf.dispose(gradients);
}

/** Adds up the calls of all WebGPU objects, until what is returned is called. */
function watch(calls: Map<string, {calls: number; ms: number}>): () => void {
  const undo: (() => void)[] = [];
  for (const name of [
    'GPUDevice',
    'GPUQueue',
    'GPUCommandEncoder',
    'GPUComputePassEncoder',
    'GPUComputePipeline',
    'GPUBuffer',
  ]) {
    const {prototype} = Reflect.get(globalThis, name);
    for (const [method, {value}] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value !== 'function' || method === 'constructor') continue;
      const sum = {calls: 0, ms: 0};
      prototype[method] = function (this: unknown, ...args: unknown[]) {
        const start = performance.now();
        const result = value.apply(this, args);
        sum.ms += performance.now() - start;
        if (sum.calls++ === 0) calls.set(`${name}.${method}`, sum);
        return result;
      };
      undo.push(() => {
        prototype[method] = value;
      });
    }
  }
  return () => {
    for (const one of undo) one();
  };
}

/** GPU time by shader, each dispatch being a pass of its own between two timestamps. */
async function printGpu(
  title: string,
  webgpu: WebGpuBackend,
  gradient: () => tf.Tensor,
  run: Run,
  path?: () => Promise<number>,
  before?: (gradient: tf.Tensor) => Promise<void>,
): Promise<void> {
  const {device} = webgpu;
  if (!device.features.has('timestamp-query')) return;
  const most = 512;
  const byPath = new Map<string, Gpu>();
  for (let step = 0; step < STEPS / 2; step++) {
    const drawn = gradient();
    await before?.(drawn);
    await settle();
    const querySet = device.createQuerySet({type: 'timestamp', count: most});
    const labels: string[] = [];
    const undo = splitPasses(querySet, labels, most);
    run(drawn);
    commandEncoder(webgpu);
    webgpu.submitQueue();
    undo();
    const marks = await readMarks(device, querySet, 2 * labels.length);
    querySet.destroy();
    const which = path ? ((await path()) === Path.miss ? 'miss' : 'hit') : '';
    const known: Gpu = byPath.get(which) ?? {steps: [], shaders: new Map()};
    byPath.set(which, known);
    labels.forEach((label, i) => {
      const sum = known.shaders.get(label) ?? {count: 0, ms: 0};
      known.shaders.set(label, sum);
      sum.count++;
      sum.ms += Number(marks[2 * i + 1] - marks[2 * i]) / 1e6;
    });
    known.steps.push(labels.length === 0 ? 0 : Number(marks[2 * labels.length - 1] - marks[0]) / 1e6);
    drawn.dispose();
  }
  for (const [which, {steps, shaders}] of byPath) {
    console.log(`GPU, ${title} ${which}: steps of ${steps.map((ms) => ms.toFixed(3)).join(' ')} ms`);
    console.table(
      [...shaders].map(([shader, {count, ms}]) => ({
        shader,
        'a step': Number((count / steps.length).toFixed(2)),
        'ms a step': Number((ms / steps.length).toFixed(4)),
      })),
    );
  }
}

function splitPasses(querySet: GPUQuerySet, labels: string[], most: number): () => void {
  const {prototype} = GPUCommandEncoder;
  const begin = prototype.beginComputePass;
  prototype.beginComputePass = function (this: GPUCommandEncoder) {
    let pipeline: GPUComputePipeline | undefined;
    let bindGroup: unknown[] = [];
    const split = {
      setPipeline(one: GPUComputePipeline) {
        pipeline = one;
      },
      setBindGroup(...args: unknown[]) {
        bindGroup = args;
      },
      dispatchWorkgroups: (...counts: [number, number?, number?]) => {
        if (!pipeline) throw new Error('a dispatch without a pipeline');
        const index = 2 * labels.length;
        const pass = begin.call(
          this,
          index < most
            ? {timestampWrites: {querySet, beginningOfPassWriteIndex: index, endOfPassWriteIndex: index + 1}}
            : {},
        );
        if (index < most) labels.push(pipeline.label || '?');
        pass.setPipeline(pipeline);
        Reflect.apply(pass.setBindGroup, pass, bindGroup);
        pass.dispatchWorkgroups(...counts);
        pass.end();
      },
      end() {},
    };
    // What tfjs and our kernels call of a pass.
    return split as unknown as GPUComputePassEncoder;
  };
  return () => {
    prototype.beginComputePass = begin;
  };
}

async function readMarks(device: GPUDevice, querySet: GPUQuerySet, count: number): Promise<BigUint64Array> {
  const size = 8 * count;
  const resolved = device.createBuffer({size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC});
  const read = device.createBuffer({size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST});
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, read, 0, size);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  const marks = new BigUint64Array(read.getMappedRange().slice(0));
  for (const buffer of [resolved, read]) buffer.destroy();
  return marks;
}

function subsetSteps(theta: Float32Array) {
  const n = theta.length;
  let parameters: tf.Tensor[] = [tf.tensor1d(theta)];
  let slots: tf.Tensor[][] = [[tf.zeros([n])], [tf.zeros([n])]];
  let state: SubsetState<tf.Tensor> = createState([n], 1);
  let t = 0;
  return {
    run(gradient: tf.Tensor, k: number) {
      const old = parameters;
      t++;
      const numbers = adamW(t);
      ({parameters, slots, state} = subsetStep({parameters, gradients: [gradient], slots, state, k, numbers}));
      tf.dispose(old);
    },
    path: async () => (await readInfo(state))[Info.path],
    dispose: () => tf.dispose([parameters, slots, state]),
  };
}

function stockAdam(theta: Float32Array) {
  const variable = tf.variable(tf.tensor1d(theta));
  const optimizer = tf.train.adam(LEARNING_RATE);
  return {
    run: (tensor: tf.Tensor) => optimizer.applyGradients([{name: variable.name, tensor}]),
    dispose() {
      optimizer.dispose();
      variable.dispose();
    },
  };
}
