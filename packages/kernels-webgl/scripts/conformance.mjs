// Runs the conformance suite with 10,000 random cases and at n = 20,000,003 in headless Chromium, which takes many
// minutes without a GPU, and writes what came of it to results/conformance.json: `npm run conformance -w
// packages/kernels-webgl`.
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const result = new URL('../results/conformance.json', import.meta.url);
const files = 'packages/kernels-webgl/src/conformance';
const environment = {RANDOM_CASES: process.env.RANDOM_CASES ?? '10000', LARGE: process.env.LARGE ?? '1'};
const chromium = execFileSync(process.env.CHROMIUM ?? '/usr/bin/chromium', ['--version'], {encoding: 'utf8'}).trim();

const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
try {
  const report = join(folder, 'report.json');
  const {status} = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--project', 'webgl', files, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ],
    {cwd: root, stdio: 'inherit', env: {...process.env, ...environment}},
  );
  const {numPassedTests, numFailedTests, numPendingTests, startTime, testResults} = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const tests = testResults.flatMap(({assertionResults}) => assertionResults);
  const ran = (part) => tests.filter(({title, status: state}) => state === 'passed' && title.includes(part));
  const version = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
  const summary = {
    command: 'npm run conformance -w packages/kernels-webgl',
    environment,
    date: new Date(startTime).toISOString(),
    minutes: Math.round((Date.now() - startTime) / 6000) / 10,
    browser: chromium,
    versions: {'@tensorflow/tfjs-backend-webgl': version('@tensorflow/tfjs-backend-webgl')},
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests,
    passedHundredsOfRandomCases: ran('random cases').length,
    passedLarge: ran('20,000,003').length,
    failures: tests.filter((test) => test.status === 'failed').map(({title}) => title),
  };
  mkdirSync(new URL('.', result), {recursive: true});
  writeFileSync(result, `${JSON.stringify(summary, undefined, 2)}\n`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, {recursive: true});
}
