import {fileURLToPath} from 'node:url';
import {playwright} from '@vitest/browser-playwright';
import {defineConfig} from 'vitest/config';
import type {Backend} from './test/backends/backends.js';
import {BackendsReporter} from './test/backends/backends-reporter.js';
import {launchOptions} from './test/backends/chromium.js';
import {findBackends} from './test/backends/find-backends.js';

const found = await findBackends();

const inNode = found.present.filter(({inChromium}) => !inChromium);
const inChromium = found.present.filter(({inChromium}) => inChromium);
const setupFile = (name: string) => fileURLToPath(new URL(`test/backends/${name}.setup.ts`, import.meta.url));
const {RANDOM_CASES, LARGE} = process.env;

/** The tests of a backend: all, but of the packages of kernels only its own. */
const testsOf = ({kernels, kernelsOnly, without = []}: Backend) => {
  const folders = [`packages/${kernels}`, ...(kernelsOnly ? [] : ['packages/!(kernels-*)', 'examples/*'])];
  return {
    include: folders.map((folder) => `${folder}/src/**/*.backends.test.ts`),
    exclude: ['**/{node_modules,dist}/**', ...without.map((folder) => `${folder}/**`)],
  };
};

// A test of code that needs a tfjs backend is named `*.backends.test.ts` and runs once in the project of each backend
// that is found here; any other is named `*.test.ts` and runs once, in the project `unit`.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    maxConcurrency: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    silent: 'passed-only',
    reporters: ['default', new BackendsReporter(found)],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,examples}/*/src/**/*.test.ts', '{bench,test}/**/*.test.ts'],
          exclude: ['**/*.{backends,installed}.test.ts', '**/{node_modules,dist}/**'],
        },
      },
      ...inNode.map((backend) => ({
        extends: true as const,
        test: {name: backend.name, ...testsOf(backend), setupFiles: [setupFile(backend.name)]},
      })),
      {
        extends: true,
        define: {'process.env': {RANDOM_CASES, LARGE}},
        // A dependency that turned up later would reload the page in the middle of a test.
        optimizeDeps: {
          include: [
            '@tensorflow/tfjs',
            '@tensorflow/tfjs-backend-webgl',
            '@tensorflow/tfjs-backend-webgpu',
            '@tensorflow/tfjs-core',
            '@huggingface/tokenizers',
            'fast-check',
            'pure-rand/distribution/uniformInt',
            'pure-rand/generator/xoroshiro128plus',
          ],
        },
        test: {
          name: 'chromium',
          browser: {
            enabled: inChromium.length > 0,
            headless: true,
            screenshotFailures: false,
            provider: playwright({launchOptions}),
            instances: inChromium.map((backend) => ({
              browser: 'chromium',
              name: backend.name,
              ...testsOf(backend),
              setupFiles: [setupFile(backend.name)],
            })),
          },
        },
      },
    ],
  },
});
