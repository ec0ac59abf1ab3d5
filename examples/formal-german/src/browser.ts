import {pathToFileURL} from 'node:url';
import {type Browser, chromium, type Page} from 'playwright';

/** The screens that the page must do well on. */
export const SCREENS = {
  wide: {viewport: {width: 1280, height: 1000}, deviceScaleFactor: 1},
  phone: {viewport: {width: 390, height: 844}, deviceScaleFactor: 2},
} as const;

/** Debian's Chromium, or the one that the environment's `CHROMIUM` names. */
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Starts Chromium; the flags keep it from looking for servers. */
export function startBrowser(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-quic', '--disable-sync'];
  args.push('--disable-background-networking', '--disable-component-update');
  return chromium.launch({executablePath: chromiumPath, args});
}

/** Opens the report page on a screen. */
export async function openReport(
  browser: Browser,
  file: string,
  screen: keyof typeof SCREENS,
  colorScheme: 'light' | 'dark',
): Promise<Page> {
  const page = await browser.newPage({...SCREENS[screen], colorScheme});
  await page.goto(pathToFileURL(file).href);
  return page;
}

/** By how many pixels the page is wider than its screen. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
