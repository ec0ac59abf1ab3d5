import {createInterface} from 'node:readline';
import {register} from '@subset-tuning/kernels-wasm';
import {type CausalModel, loadModel} from '@subset-tuning/models';
import {adamw, dynamicSubset} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs';
import {startBackend} from './backends.js';
import {exposeGc} from './expose-gc.js';
import type {Loaded, ModelTask, Stepped} from './model-questions.js';
import {settle} from './settle.js';
import {tokenIds} from './token-ids.js';

/** The program of {@link MeasuringProcess} that measures ours. */
const task: ModelTask = JSON.parse(process.argv[2]);
// Lines of JSON alone go to the standard output.
console.log = console.error;
exposeGc();
await startBackend(task.backend, task);
if (task.backend === 'wasm') register({replace: ['BatchMatMul', '_FusedMatMul', 'Identity']});
await settle();
globalThis.gc?.();
const before = process.memoryUsage().rss;

const start = performance.now();
const model = await loadModel(task.model);
const ms = performance.now() - start;
const n = [...model.weights.values()].reduce((sum, {size}) => sum + size, 0);
print({ms, peakBytes: peakBytes(), n, vocabularySize: model.config.vocabularySize});
if (task.question === 'train') await train(model);
process.exit(); // the engine's own threads would go on

function print(line: Loaded | Stepped): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function peakBytes(): number {
  return 1024 * process.resourceUsage().maxRSS - before;
}

/** A step for each line of the standard input. */
async function train(model: CausalModel): Promise<void> {
  const {tokens, recompute, density} = task;
  const ids = tokenIds(tokens + 1, model.config.vocabularySize);
  const batch = {inputs: [ids.slice(0, -1)], targets: [ids.slice(1)], weights: [ids.slice(1).map(() => 1)]};
  const optimizer = dynamicSubset(adamw({learningRate: 1e-4}), {density});
  const variables = [...model.weights.values()];
  for await (const _ of createInterface({input: process.stdin})) {
    await settle();
    const start = performance.now();
    const {value, grads} = optimizer.computeGradients(() => model.loss(batch, {recompute}), variables);
    await settle();
    const middle = performance.now();
    optimizer.applyGradients(grads);
    await settle();
    const end = performance.now();
    const [loss] = await value.data();
    tf.dispose([value, grads]);
    print({ms: end - start, optimizerMs: end - middle, peakBytes: peakBytes(), loss});
  }
}
