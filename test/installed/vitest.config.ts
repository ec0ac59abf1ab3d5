import {defineConfig} from 'vitest/config';
import {TableReporter} from './table-reporter.js';

// What a stranger does with the packages, outside the repository: `npm run test:installed`.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.installed.test.ts'],
    globalSetup: './global-setup.ts',
    pool: 'forks',
    // Two at a time, of one file after the other.
    fileParallelism: false,
    maxConcurrency: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    silent: 'passed-only',
    reporters: ['default', new TableReporter()],
  },
});
