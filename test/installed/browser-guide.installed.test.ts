import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type Browser, chromium} from 'playwright';
import ts from 'typescript';
import {afterAll, beforeAll, expect, inject, test} from 'vitest';
import {launchOptions} from '../backends/chromium.js';
import {findReadmeSnippets} from '../snippets/find-snippets.js';
import {findInstalls} from './find-installs.js';
import {runCommand} from './run-command.js';

const read = (file: string) => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
const folder = join(inject('folder'), 'guide');
const isolation = {'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp'};

/** Chromium; without it nothing here runs, unless `REQUIRE_BACKENDS` names a backend that runs there. */
const browser = await chromium.launch(launchOptions).catch((error: unknown): Browser | undefined => {
  if (/\bwebgl|-chromium/.test(process.env.REQUIRE_BACKENDS ?? '')) throw error;
  return undefined;
});
afterAll(() => browser?.close());

// The guide's import map, and README's example as it stands.
beforeAll(async () => {
  mkdirSync(folder, {recursive: true});
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, '.npmrc'), `@subset-tuning:registry=${inject('registry')}\n`);
  for (const line of findInstalls(read('README.md'))) await runCommand(line, {cwd: folder});

  const [map = ''] = /<script type="importmap">[\s\S]*?<\/script>/.exec(read('docs/browser.md')) ?? [];
  const [paths = ''] = /setWasmPaths\('\/node_modules[^`]*/.exec(read('docs/browser.md')) ?? [];
  const [example] = findReadmeSnippets('README.md', read('README.md')).filter(({runs}) => runs);
  const {outputText} = ts.transpileModule(example?.code ?? '', {compilerOptions: {target: ts.ScriptTarget.ES2022}});
  writeFileSync(
    join(folder, 'example.js'),
    `import {setWasmPaths} from '@tensorflow/tfjs-backend-wasm';\n${paths};\n${outputText}\nglobalThis.done = true;\n`,
  );
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html>\n${map}\n<script type="module" src="/example.js"></script>\n`,
  );
});

test.skipIf(!browser).each([
  ['as it is', {}, false],
  ['isolated, with threads', isolation, true],
])('the import map of docs/browser.md runs the example of README.md, %s', async (_, headers, isolated) => {
  const page = await browser?.newPage();
  if (!page) throw new Error('there is no Chromium');
  try {
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
    await page.route('http://localhost/**', (route, request) =>
      route.fulfill({path: join(folder, new URL(request.url()).pathname), headers}),
    );
    await page.goto('http://localhost/index.html');
    await expect.poll(() => page.evaluate('globalThis.done'), {timeout: 120_000}).toBe(true);
    expect(await page.evaluate('crossOriginIsolated')).toBe(isolated);
    const [before, tuned, after] = said.filter((line) => /^(seed|with the delta|reverted) /.test(line));
    expect(before).toContain('Bist du müde?');
    expect(tuned).toContain('Sind Sie müde?');
    expect(after?.replace('reverted', 'seed')).toBe(before);
  } finally {
    await page.close();
  }
});
