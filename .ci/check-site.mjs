// Whether the folder `site/`, which `npm run check` has made, works under a path of a web server: every link within it
// leads somewhere, and pages draw what they should, say nothing on the console and ask no other origin for anything.
import assert from 'node:assert/strict';
import {fileURLToPath} from 'node:url';
import {check, LinkState} from 'linkinator';
import {chromium} from 'playwright';
import {preview} from 'vite';

const outDir = fileURLToPath(new URL('../site', import.meta.url));
const server = await preview({
  ...{configFile: false, logLevel: 'warn', appType: 'mpa', base: '/under/a/path/'},
  ...{build: {outDir}, preview: {host: '127.0.0.1', port: 0}},
});
const [site] = server.resolvedUrls.local;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const elsewhere = async (link) => !link.startsWith(site);
  const {links} = await check({path: site, recurse: true, checkFragments: true, linksToSkip: elsewhere});
  const broken = links.filter(({state}) => state === LinkState.BROKEN);
  assert.deepEqual(
    broken.map(({url, parent}) => `${url} on ${parent}`),
    [],
  );
  console.log(`${links.filter(({state}) => state === LinkState.OK).length} links within the site lead somewhere`);

  const page = await browser.newPage();
  const problems = [];
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(site)) problems.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error));
  for (const [path, selector] of [
    ['', 'img'],
    ['documents/The_method.html', 'math'],
    ['modules/_subset-tuning_optimizer.html', 'pre'],
    ['functions/_subset-tuning_optimizer.dynamicSubset.html', '.tsd-signature'],
    ['playground/index.html', 'main'],
  ]) {
    await page.goto(site + path, {waitUntil: 'networkidle'});
    const {width, height} = await page.locator(selector).first().boundingBox();
    assert.ok(width > 0 && height > 0, `${path} draws no ${selector}`);
  }
  assert.deepEqual(problems, []);
  console.log('its pages draw what they should and ask no other origin');
} finally {
  await browser.close();
  await server.close();
}
