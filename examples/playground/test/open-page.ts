import {fileURLToPath} from 'node:url';
import {type Browser, type BrowserContext, chromium, type Page} from 'playwright';
import {type PreviewServer, preview} from 'vite';
import {afterAll, beforeAll, expect} from 'vitest';

import {launchOptions} from '../../../test/backends/chromium.js';

export interface SiteOptions {
  /** Whether the page comes with its headers. */
  headers?: boolean;
  /** What else Chromium is started with. */
  args?: string[];
}

/** The built page, served as `npm run playground` serves it, in a Chromium of its own. */
export class Site {
  server: PreviewServer | undefined;
  browser: Browser | undefined;
  address = '';

  async open({headers = true, args = []}: SiteOptions): Promise<void> {
    const root = fileURLToPath(new URL('..', import.meta.url));
    const configFile = headers && `${root}vite.config.ts`;
    this.server = await preview({root, configFile, logLevel: 'warn', preview: {port: 0, host: '127.0.0.1'}});
    this.address = this.server.resolvedUrls?.local[0] ?? '';
    this.browser = await chromium.launch({...launchOptions, args: [...launchOptions.args, ...args]});
  }

  async close(): Promise<void> {
    await this.browser?.close();
    await this.server?.close();
  }
}

/** A site for the tests of a file. */
export function useSite(options: SiteOptions = {}): Site {
  const site = new Site();
  beforeAll(() => site.open(options));
  afterAll(() => site.close());
  return site;
}

/** A reader with an empty browser, and what must not happen: an error on the console, a request elsewhere. */
export class Reader {
  readonly errors: string[] = [];
  readonly elsewhere: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly address: string,
  ) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
    context.on('request', (request) => {
      const {origin, protocol} = new URL(request.url());
      if (protocol !== 'blob:' && protocol !== 'data:' && origin !== new URL(address).origin)
        this.elsewhere.push(request.url());
    });
  }

  static async open({browser, address}: Site, backend = 'wasm'): Promise<Reader> {
    const context = await browser?.newContext({acceptDownloads: true});
    if (!context) throw new Error('there is no browser');
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    const reader = new Reader(context, page, address);
    await reader.visit(backend);
    return reader;
  }

  /** Opens the page, anew where it was open, and waits for the first answer. `measured` lets the page choose. */
  async visit(backend: string): Promise<void> {
    await this.page.goto(`${this.address}${backend === 'measured' ? '' : `?backend=${backend}`}`);
    await this.page.locator('[data-answer=seed][data-of]').waitFor();
  }

  answer(of: 'seed' | 'tuned'): Promise<string> {
    return this.page.locator(`[data-answer=${of}]`).innerText();
  }

  /** Types a sentence and waits for the answer to it. */
  async ask(question: string, of: 'seed' | 'tuned' = 'seed'): Promise<string> {
    await this.page.locator('#question').fill(question);
    await this.page.locator(`[data-answer=${of}][data-of="${question}"]`).waitFor();
    return this.answer(of);
  }

  /** A number of the training, such as `Loss`; the first of `12 of 100`. */
  async number(name: string): Promise<number> {
    const text = await this.page.locator(`[data-number="${name}"]`).innerText();
    return Number.parseFloat(text.replaceAll(',', ''));
  }

  /** Takes errors that were meant to be. */
  expectErrors(pattern: RegExp): void {
    for (const error of this.errors.splice(0)) expect(error).toMatch(pattern);
  }

  /** Ends the visit, which must have been quiet. */
  async close(): Promise<void> {
    await this.context.close();
    expect(this.errors).toEqual([]);
    expect(this.elsewhere).toEqual([]);
  }
}
