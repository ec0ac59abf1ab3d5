import {defineConfig} from 'vitest/config';
import {BackendsReporter} from './test/backends/backends-reporter.js';
import {findBackends} from './test/backends/find-backends.js';

const found = await findBackends();

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
          exclude: ['**/*.backends.test.ts', '**/{node_modules,dist}/**'],
        },
      },
      ...found.present.map((name) => ({
        extends: true as const,
        test: {
          name,
          include: ['{packages,examples}/*/src/**/*.backends.test.ts'],
          setupFiles: [`test/backends/${name}.setup.ts`],
        },
      })),
    ],
  },
});
