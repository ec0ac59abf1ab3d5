import {defineConfig} from 'vitest/config';

// What a reader does with the built page, in headless Chromium: `npm run test:playground`.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.page.test.ts'],
    // Each file has a server and a browser of its own.
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: {poll: {timeout: 60_000}},
    silent: 'passed-only',
  },
});
