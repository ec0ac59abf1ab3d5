import {playwright} from '@vitest/browser-playwright';
import {defineConfig} from 'vitest/config';

/** WebGPU by Chromium's software renderer, so that no GPU is needed. The rest keeps Chromium from looking for servers. */
const ARGUMENTS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--disable-quic',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
];

// The tests of the GPU's kernels in headless Chromium: `npx vitest run --config test/chromium/vitest.config.ts`.
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  // What the conformance test reads of the environment.
  define: {'process.env': {RANDOM_CASES: process.env.RANDOM_CASES, LARGE: process.env.LARGE}},
  test: {
    name: 'webgpu in Chromium',
    include: ['packages/kernels-webgpu/src/**/*.backends.test.ts'],
    setupFiles: ['test/chromium/webgpu.setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS},
      }),
      instances: [{browser: 'chromium'}],
    },
  },
});
