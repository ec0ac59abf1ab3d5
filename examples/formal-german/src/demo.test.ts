import {execFile} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {readDelta} from '@subset-tuning/deltas';
import {parseHTML} from 'linkedom';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {chromiumPath, openReport, overflow, startBrowser} from './browser.js';
import type {Report} from './report.js';

// The command itself, as it is built: `npm test` builds first.
const demo = fileURLToPath(new URL('../dist/demo.js', import.meta.url));
const runDemo = (...args: string[]) => promisify(execFile)(process.execPath, [demo, ...args]);

describe('the demo', () => {
  let out: string;
  let printed: string;
  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), 'formal-german-'));
    printed = (await runDemo('--quick', '--steps', '3', '--backend', 'wasm', '--seed', '7', '--out', out)).stdout;
  }, 240_000);
  afterAll(() => rmSync(out, {recursive: true, force: true}));

  it('writes a report of the promised shape', () => {
    const report: Report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    expect(Object.keys(report).slice(0, 4)).toEqual(['methods', 'proofs', 'backend', 'seconds']);
    expect(report).toMatchObject({
      proofs: {reloadBitExact: true, revertBitExact: true},
      ...{backend: 'wasm', quick: true, steps: 3, seed: 7},
    });
    expect(report.seconds).toBeGreaterThan(0);
    expect(report.methods.map(({method, density}) => [method, density])).toEqual([
      ['seed', 0],
      ['shrinking', 0.001],
      ['shrinking', 0.0001],
      ['random', 0.001],
    ]);
    for (const method of report.methods) {
      expect(Object.keys(method).slice(0, 10)).toEqual([
        ...['method', 'density', 'changedParameters', 'totalParameters', 'bytes'],
        ...['loss', 'formal', 'chrF', 'chrFOther', 'addressAdded'],
      ]);
      expect(method.changedParameters).toBeLessThanOrEqual(Math.round(method.density * method.totalParameters));
      expect(method.formal).toBeGreaterThanOrEqual(0);
      expect(method.formal).toBeLessThanOrEqual(1);
      expect(method.translations.length).toBe(report.sentences.length);
      expect(method.curve.length).toBe(method.method === 'seed' ? 0 : 3);
    }
    const [seed] = report.methods;
    expect(seed.formal).toBe(0);
    expect(seed.addressAdded).toBe(0.01);
    expect(seed.chrFOther).toBeGreaterThan(50);
  });

  it('writes a delta a method, as large as the report says', () => {
    const report: Report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    const files = readdirSync(join(out, 'deltas')).sort();
    expect(files).toEqual(['random-0.1.safetensors', 'shrinking-0.01.safetensors', 'shrinking-0.1.safetensors']);
    for (const [i, file] of ['shrinking-0.1', 'shrinking-0.01', 'random-0.1'].entries()) {
      const bytes = readFileSync(join(out, 'deltas', `${file}.safetensors`));
      const {bytes: size, changedParameters} = report.methods[i + 1];
      expect(bytes.byteLength).toBe(size);
      const changed = readDelta(bytes).tensors.reduce((sum, {values}) => sum + values.length, 0);
      expect(changed).toBe(changedParameters);
    }
  });

  it('writes a page that needs nothing else, and prints a table', () => {
    const page = readFileSync(join(out, 'index.html'), 'utf8');
    expect(page).not.toMatch(/<script|<link|src=|@import|url\(/);
    expect(page).toContain('<svg');
    expect(page).toContain('shrinking 0.01 %');
    expect(printed).toMatch(/shrinking 0\.01 % .* 160 /);
    expect(printed).toContain('bit for bit: yes');
  });

  describe('the page', () => {
    let document: Document;
    const texts = (selector: string) => Array.from(document.querySelectorAll(selector), ({textContent}) => textContent);
    beforeAll(() => {
      ({document} = parseHTML(readFileSync(join(out, 'index.html'), 'utf8')));
    });

    it('says what its colours, symbols and shades mean', () => {
      const methods = ['seed', 'shrinking 0.1 %', 'shrinking 0.01 %', 'random 0.1 %'];
      const legend = texts('.legend [class*="-swatch"] ').map((text) => text?.trim());
      expect(legend).toEqual(expect.arrayContaining(methods));
      const fills = Array.from(document.querySelectorAll('.legend svg'), (svg) => svg.getAttribute('fill'));
      expect(new Set(fills).size).toBe(methods.length);
      const shades = document.querySelectorAll('[aria-label="Shades of the heat maps"] rect');
      expect(Array.from(shades, (rect) => rect.getAttribute('fill'))).toEqual(
        [1, 2, 3, 4, 5].map((shade) => `var(--heat-${shade})`),
      );
      expect(texts('.key').join(' ')).toMatch(
        /They do not\s+say that it is right.*a weight that differs.*norm’s vector/s,
      );
    });

    it('explains its words', () => {
      const words = texts('dt').join(', ').split(', ');
      expect(words).toEqual(
        expect.arrayContaining(['shrinking', 'random', 'chrF', 'formal', 'address added', 'q_proj', 'down_proj']),
      );
      expect(texts('dd').every((meaning) => (meaning ?? '').length > 20)).toBe(true);
    });

    it('links to the repository and the paper', () => {
      const links = Array.from(document.querySelectorAll('a'), (link) => link.getAttribute('href'));
      expect(links).toContain('https://github.com/subset-tuning/subset-tuning');
      expect(links).toContain('https://arxiv.org/abs/2411.08610');
    });

    it('lets what is wider than a phone scroll, by keyboard too, formal first', () => {
      const regions = Array.from(document.querySelectorAll('.scroll'));
      expect(regions.map((region) => region.getAttribute('aria-label'))).toEqual([
        ...['Results, a table', 'Map of shrinking 0.1 %', 'Map of shrinking 0.01 %'],
      ]);
      for (const region of regions) {
        expect(region.getAttribute('role')).toBe('region');
        expect(region.getAttribute('tabindex')).toBe('0');
        expect(region.previousElementSibling?.textContent).toContain('scroll sideways');
      }
      expect(texts('.numbers thead th').slice(0, 3)).toEqual(['method', 'formal', 'address added']);
    });

    it.skipIf(!existsSync(chromiumPath))('is no wider than a phone or a wide screen, in light and dark', async () => {
      const browser = await startBrowser();
      try {
        for (const screen of ['phone', 'wide'] as const) {
          for (const scheme of ['light', 'dark'] as const) {
            const page = await openReport(browser, join(out, 'index.html'), screen, scheme);
            expect(await overflow(page), `${screen}, ${scheme}`).toBe(0);
            expect(await page.locator('.narrow svg').first().isVisible()).toBe(screen === 'phone');
            expect(await page.locator('.wide svg').first().isVisible()).toBe(screen === 'wide');
            await page.close();
          }
        }
      } finally {
        await browser.close();
      }
    });
  });

  it('translates a sentence with the deltas that it wrote', async () => {
    const {stdout} = await runDemo('--translate', 'Where do you live?', '--backend', 'wasm', '--out', out);
    expect(stdout).toMatch(
      /^Where do you live\?\n {2}seed +\S.*\n {2}shrinking 0\.1 % .*\n {2}shrinking 0\.01 % .*\n {2}random/,
    );
  });
});
