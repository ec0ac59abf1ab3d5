import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          exclude: ['**/*.backends.test.ts', '**/node_modules/**'],
        },
      },
      {test: {name: 'cpu', include: ['packages/*/src/**/*.backends.test.ts'], setupFiles: ['test/backends/cpu.ts']}},
      {test: {name: 'wasm', include: ['packages/*/src/**/*.backends.test.ts'], setupFiles: ['test/backends/wasm.ts']}},
    ],
  },
});
