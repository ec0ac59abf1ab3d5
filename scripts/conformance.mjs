// Runs a backend's conformance suite with 10,000 random cases and at n = 20,000,003, which takes many minutes where the
// backend has no GPU, and writes what came of it to results/conformance.json of its package: `npm run conformance -w
// packages/kernels-webgpu`, or kernels-webgl. TEST_SCALE changes how much runs.
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** What each backend runs on, in words. */
const DEVICES = {
  webgpu: async () => {
    const {create} = await import('webgpu');
    const adapter = await create([]).requestAdapter();
    if (!adapter) throw new Error('Dawn finds no driver that it accepts; CONTRIBUTING.md names one');
    const {vendor, architecture, description} = adapter.info;
    return `Dawn on ${[vendor, architecture, description].filter(Boolean).join(', ')}`;
  },
  webgl: async () =>
    execFileSync(process.env.CHROMIUM ?? '/usr/bin/chromium', ['--version'], {encoding: 'utf8'}).trim(),
};

const [backend] = process.argv.slice(2);
if (!Object.hasOwn(DEVICES, backend ?? '')) {
  throw new Error(`the backend is ${backend}; expected ${Object.keys(DEVICES).join(' or ')}`);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const home = join(root, 'packages', `kernels-${backend}`);
const environment = {TEST_SCALE: process.env.TEST_SCALE ?? '10'};
const device = await DEVICES[backend]();

const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
try {
  const report = join(folder, 'report.json');
  const files = `packages/kernels-${backend}/src/conformance`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const {status} = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', backend, files, ...reporters],
    {cwd: root, stdio: 'inherit', env: {...process.env, ...environment}},
  );
  const {numPassedTests, numFailedTests, numPendingTests, startTime, testResults} = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const tests = testResults.flatMap(({assertionResults}) => assertionResults);
  const passed = (part) => tests.filter(({title, status}) => status === 'passed' && title.includes(part)).length;
  const name = `@tensorflow/tfjs-backend-${backend}`;
  const {version} = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  const summary = {
    command: `npm run conformance -w packages/kernels-${backend}`,
    environment,
    date: new Date(startTime).toISOString(),
    minutes: Math.round((Date.now() - startTime) / 6000) / 10,
    device,
    versions: {node: process.versions.node, [name]: version},
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests,
    passedHundredsOfRandomCases: passed('random cases'),
    passedLarge: passed('20,000,003'),
    failures: tests.filter(({status}) => status === 'failed').map(({title}) => title),
  };
  mkdirSync(join(home, 'results'), {recursive: true});
  writeFileSync(join(home, 'results/conformance.json'), `${JSON.stringify(summary, undefined, 2)}\n`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, {recursive: true});
}
