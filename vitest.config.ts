import {defineConfig} from 'vitest/config';
import {BackendsReporter} from './test/backends/backends-reporter.js';
import {findBackends} from './test/backends/find-backends.js';
import {projectsFor} from './test/backends/projects.js';
import {missingModels} from './test/real-model.js';
import {missingData} from './test/text-data.js';

const testScale = Number(process.env.TEST_SCALE ?? 0.1);
if (!(testScale > 0 && testScale <= 100)) {
  throw new Error(`TEST_SCALE is ${process.env.TEST_SCALE}; expected a number above 0 and up to 100`);
}
const found = await findBackends();

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    maxConcurrency: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    silent: 'passed-only',
    reporters: [
      'default',
      new BackendsReporter({...found, missing: new Map([...found.missing, ...missingModels(), ...missingData()])}),
    ],
    provide: {testScale},
    projects: projectsFor(found.present, testScale),
  },
});
