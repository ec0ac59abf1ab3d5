import {expect, test} from 'vitest';
import type {Backend} from './backends.js';
import {projectsFor} from './projects.js';

const backend = (name: string, rest: Partial<Backend> = {}): Backend => ({
  ...{name, kernels: `kernels-${name}`, probe: async () => undefined},
  ...rest,
});
const projects = (...present: Backend[]) => projectsFor(present, 0.1).map(({test}) => test ?? {});

test('there is no project for a browser where none is found', () => {
  const found = projects(backend('cpu'), backend('wasm'));
  expect(found.map(({name}) => name)).toEqual(['unit', 'cpu', 'wasm']);
  expect(found.filter(({browser}) => browser)).toEqual([]);
});

test('files of tests share a process in Node, where the backend bears it', () => {
  const found = projects(backend('cpu'), backend('webgpu', {isolated: true}));
  expect(found.map(({name, isolate}) => [name, isolate])).toEqual([
    ['unit', undefined],
    ['cpu', false],
    ['webgpu', true],
  ]);
});

test('without any backend the unit tests remain', () => {
  expect(projects().map(({name}) => name)).toEqual(['unit']);
});

test('every project names its tests, so that none takes those of all', () => {
  const found = projects(backend('cpu'), backend('webgl', {inChromium: true}));
  const suites = found.flatMap(({browser, include}) => browser?.instances?.map((one) => one.include) ?? [include]);
  expect(suites).toHaveLength(3);
  for (const include of suites.slice(1)) {
    expect(include).toEqual(expect.arrayContaining([expect.stringMatching(/\.backends\.test\.ts$/)]));
    expect(include).not.toContainEqual(expect.not.stringMatching(/\.backends\.test\.ts$/));
  }
});

test('Chromium has an instance for each backend that it was found to run', () => {
  const found = projects(backend('cpu'), backend('webgl', {inChromium: true, without: ['examples']}));
  const chromium = found.find(({name}) => name === 'chromium');
  expect(chromium?.browser?.enabled).toBe(true);
  expect(chromium?.browser?.instances).toMatchObject([
    {
      ...{browser: 'chromium', name: 'webgl'},
      include: expect.arrayContaining(['packages/kernels-webgl/src/**/*.backends.test.ts']),
      exclude: expect.arrayContaining(['examples/**']),
      setupFiles: [expect.stringMatching(/webgl\.setup\.ts$/)],
    },
  ]);
});

test('only the tests of its kernels run where another project runs the rest', () => {
  const [, only] = projects(backend('webgpu', {kernelsOnly: true}));
  expect(only?.include).toEqual(['packages/kernels-webgpu/src/**/*.backends.test.ts']);
});

test('what is slow on a backend runs where all is tried', () => {
  const slow = [backend('webgpu', {slow: ['packages/models/src/heads.backends.test.ts']})];
  const excluded = (testScale: number) => projectsFor(slow, testScale).at(1)?.test?.exclude;
  expect(excluded(0.25)).toContain('packages/models/src/heads.backends.test.ts');
  expect(excluded(1)).not.toContain('packages/models/src/heads.backends.test.ts');
});
