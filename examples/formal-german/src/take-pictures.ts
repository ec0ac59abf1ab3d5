import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import type {Browser, Page} from 'playwright';
import {openReport, overflow, SCREENS, startBrowser} from './browser.js';
import {picturesFolder} from './folders.js';

/** `npm run pictures -w examples/formal-german [-- REPORT]`: the README's pictures of a report's page. */

const report = resolve(process.env.INIT_CWD ?? '.', process.argv[2] ?? 'demo-report', 'index.html');

/** What is at the top of each view. */
const VIEWS = ['main', '#curves', '#translations', '#where', 'h3', '#settling'];
const SHEETS = {
  wide: {columns: 2, width: 760},
  phone: {columns: 6, width: 293},
};

async function takeViews(page: Page): Promise<string[]> {
  const views = [];
  for (const view of VIEWS) {
    await page
      .locator(view)
      .first()
      .evaluate((element) => element.scrollIntoView({block: 'start'}));
    views.push((await page.screenshot()).toString('base64'));
  }
  return views;
}

/** The views beside one another, as WebP. */
async function sheet(browser: Browser, views: readonly string[], screen: keyof typeof SCREENS): Promise<Buffer> {
  const {columns, width} = SHEETS[screen];
  const page = await browser.newPage({viewport: {width: columns * (width + 12) - 12, height: 100}});
  const images = views.map((view) => `<img width="${width}" src="data:image/png;base64,${view}">`).join('');
  await page.setContent(
    `<body style="margin:0;background:#8a8d93;display:grid;gap:12px;grid-template-columns:repeat(${columns},${width}px)">${images}`,
  );
  const {cssContentSize} = await (await page.context().newCDPSession(page)).send('Page.getLayoutMetrics');
  // Playwright itself writes PNG and JPEG alone.
  const {data} = await (await page.context().newCDPSession(page)).send('Page.captureScreenshot', {
    ...{format: 'webp', quality: 55, captureBeyondViewport: true},
    clip: {...cssContentSize, scale: 1},
  });
  await page.close();
  return Buffer.from(data, 'base64');
}

async function takePictures(): Promise<void> {
  if (!existsSync(report)) throw new Error(`${report} is not there; npm run demo writes it`);
  mkdirSync(picturesFolder, {recursive: true});
  const browser = await startBrowser();
  try {
    for (const screen of ['wide', 'phone'] as const) {
      for (const scheme of ['light', 'dark'] as const) {
        const page = await openReport(browser, report, screen, scheme);
        const tooWide = await overflow(page);
        if (tooWide > 0)
          throw new Error(`${report} is ${tooWide} pixels too wide for ${SCREENS[screen].viewport.width}`);
        const file = join(picturesFolder, `${screen}-${scheme}.webp`);
        writeFileSync(file, await sheet(browser, await takeViews(page), screen));
        console.log(file);
        await page.close();
      }
    }
  } finally {
    await browser.close();
  }
}

await takePictures();
