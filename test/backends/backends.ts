import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {askChromium, type ChromiumAbilities} from './chromium.js';
import {loadTfjsNode} from './load-tfjs-node.js';

/** A tfjs backend that the tests named `*.backends.test.ts` run on. `NAME.setup.ts` beside this file starts it. */
export interface Backend {
  /** The name of its vitest project: the backend's in tfjs, with that of the browser where it runs in Node, too. */
  readonly name: string;
  /** The package of its kernels, whose `*.backends.test.ts` run on no other backend. */
  readonly kernels: string;
  /** Folders whose tests do not run on it. */
  readonly without?: readonly string[];
  /** Tests that take minutes on it: they run where all is tried, at a `TEST_SCALE` of 1 or more. */
  readonly slow?: readonly string[];
  /** Whether its tests run in headless Chromium; otherwise in Node. */
  readonly inChromium?: boolean;
  /** Whether only the tests of its kernels run, because another project runs all tests on the same backend. */
  readonly kernelsOnly?: boolean;
  /** Whether each file of tests has a process of its own, because tests do what the next file would suffer from. */
  readonly isolated?: boolean;
  /** Why it cannot run here, in one line; undefined where it can. Runs once, in vitest's main process. */
  probe(): Promise<string | undefined>;
}

let chromium: Promise<ChromiumAbilities> | undefined;
/** Starts Chromium once for all that run in it, and throws where it lacks what one needs. */
async function needChromium(ability: keyof ChromiumAbilities, lack: string): Promise<void> {
  chromium ??= askChromium();
  if (!(await chromium)[ability]) throw new Error(`Chromium starts, but ${lack}`);
}

async function needDawn(): Promise<void> {
  const script = fileURLToPath(new URL('has-dawn-adapter.mjs', import.meta.url));
  await promisify(execFile)(process.execPath, [script]).catch(() => {
    throw new Error('Dawn finds no Vulkan driver that it accepts; CONTRIBUTING.md names one');
  });
}

/**
 * Answers of hundreds of tokens. Each token is of other shapes, for which webgl and webgpu compile shaders: where the device
 * is no GPU, a test of these takes them minutes. `packages/models/src/short-answers.backends.test.ts` asks for the same in
 * three tokens, and every family answers in its own tests.
 */
const GENERATION = 'packages/models/src/generation';

/** What models compute besides their logits, losses, gradients and answers, which are held to transformers' everywhere. */
const MORE_OF_MODELS = ['heads', 'log-probabilities', 'recompute', 'spans'].map(testOfModels);

/** What is computed by stock ops alone, of many shapes, for each of which webgl compiles shaders. */
const STOCK_ARITHMETIC = [
  ...['adapters/src/peft', 'kernels/src/finite-norm', 'optimizer/src/clip', 'optimizer/src/empty-variables'],
  ...['optimizer/src/learning-rate', 'optimizer/src/project'],
].map((test) => `packages/${test}.backends.test.ts`);

function testOfModels(name: string): string {
  return `packages/models/src/${name}.backends.test.ts`;
}

/** Every backend that the tests know. */
export const backends: readonly Backend[] = [
  {name: 'cpu', kernels: 'kernels-cpu', probe: () => whyMissing(() => import('@tensorflow/tfjs-backend-cpu'))},
  {name: 'wasm', kernels: 'kernels-wasm', probe: () => whyMissing(() => import('@tensorflow/tfjs-backend-wasm'))},
  {name: 'tensorflow', kernels: 'kernels-node', probe: () => whyMissing(async () => loadTfjsNode())},
  {
    name: 'webgpu',
    kernels: 'kernels-webgpu',
    // Some lose the device, or ask for another.
    isolated: true,
    // As on webgl, minutes where the device is no GPU.
    without: ['examples', GENERATION],
    slow: MORE_OF_MODELS,
    probe: () => whyMissing(needDawn),
  },
  {
    name: 'webgpu-chromium',
    kernels: 'kernels-webgpu',
    inChromium: true,
    kernelsOnly: true,
    // The same Dawn runs them in Node; a third of the conformance suite is tried in the page.
    slow: ['kernels', 'own-device'].map((name) => `packages/kernels-webgpu/src/${name}.backends.test.ts`),
    probe: () => whyMissing(() => needChromium('webgpu', 'its WebGPU finds no adapter')),
  },
  {
    name: 'webgl',
    kernels: 'kernels-webgl',
    // Examples read their data from disk.
    without: ['examples', GENERATION],
    slow: [...MORE_OF_MODELS, ...['encoder-model', 'encoder-decoder-model'].map(testOfModels), ...STOCK_ARITHMETIC],
    inChromium: true,
    probe: () => whyMissing(() => needChromium('webgl', 'has no WebGL 2 that renders to floats')),
  },
];

/** Loads a backend's package; the first line of the error is why it is missing. */
async function whyMissing(load: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await load();
    return undefined;
  } catch (error) {
    return String(error instanceof Error ? error.message : error).split('\n', 1)[0];
  }
}
