import {fileURLToPath} from 'node:url';
import {playwright} from '@vitest/browser-playwright';
import type {TestProjectInlineConfiguration} from 'vitest/config';
import type {Backend} from './backends.js';
import {launchOptions} from './chromium.js';

const setupFile = (name: string) => fileURLToPath(new URL(`${name}.setup.ts`, import.meta.url));

/** The tests of a backend: all, but of the packages of kernels only its own. */
function testsOf({name, kernels, kernelsOnly, without = [], slow = []}: Backend, testScale: number) {
  const folders = [`packages/${kernels}`, ...(kernelsOnly ? [] : ['packages/!(kernels-*)', 'examples/*'])];
  return {
    name,
    include: folders.map((folder) => `${folder}/src/**/*.backends.test.ts`),
    exclude: ['**/{node_modules,dist}/**', ...without.map((folder) => `${folder}/**`), ...(testScale < 1 ? slow : [])],
    setupFiles: [setupFile(name)],
  };
}

/**
 * The vitest projects. A test of code that needs a tfjs backend is named `*.backends.test.ts` and runs once in the project
 * of each backend that is present; any other is named `*.test.ts` and runs once, in the project `unit`.
 */
export function projectsFor(present: readonly Backend[], testScale: number): TestProjectInlineConfiguration[] {
  const inNode = present.filter(({inChromium}) => !inChromium);
  const inChromium = present.filter(({inChromium}) => inChromium);
  return [
    {
      extends: true,
      test: {
        name: 'unit',
        include: ['{packages,examples}/*/src/**/*.test.ts', '{bench,test}/**/*.test.ts'],
        exclude: ['**/*.{backends,installed}.test.ts', '**/{node_modules,dist}/**'],
      },
    },
    ...inNode.map(
      (backend): TestProjectInlineConfiguration => ({
        extends: true,
        // In a process of its own each file loads tfjs anew, which took a third of the time.
        test: {...testsOf(backend, testScale), isolate: backend.isolated ?? false},
      }),
    ),
    // Without an instance, vitest would take the project for one of all tests in Node.
    ...(inChromium.length > 0 ? [chromiumProject(inChromium, testScale)] : []),
  ];
}

function chromiumProject(present: readonly Backend[], testScale: number): TestProjectInlineConfiguration {
  return {
    extends: true,
    // A dependency that turned up later would reload the page in the middle of a test.
    optimizeDeps: {
      noDiscovery: true,
      include: [
        '@tensorflow/tfjs',
        '@tensorflow/tfjs-backend-webgl',
        '@tensorflow/tfjs-backend-webgpu',
        '@tensorflow/tfjs-core',
        'fast-check',
        'ml-matrix',
        'pure-rand/distribution/uniformInt',
        'pure-rand/generator/xoroshiro128plus',
      ],
    },
    test: {
      name: 'chromium',
      browser: {
        enabled: true,
        headless: true,
        // On a busy machine a page takes minutes to appear.
        connectTimeout: 240_000,
        screenshotFailures: false,
        provider: playwright({launchOptions}),
        instances: present.map((backend) => ({browser: 'chromium', ...testsOf(backend, testScale)})),
      },
    },
  };
}
