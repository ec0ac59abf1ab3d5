import {chromium, type LaunchOptions} from 'playwright';

/**
 * How the tests start Chromium: Debian's, or the one that `CHROMIUM` names. WebGL and WebGPU by its software renderer, so
 * that no GPU is needed; the rest keeps it from looking for servers.
 */
export const launchOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--use-gl=angle',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan',
    '--disable-quic',
    '--disable-sync',
    '--disable-background-networking',
    '--disable-component-update',
  ],
} satisfies LaunchOptions;

/** What a page in Chromium has. */
export interface ChromiumAbilities {
  /** WebGL 2 that renders to floats, as tfjs needs it. */
  readonly webgl: boolean;
  /** An adapter of WebGPU. */
  readonly webgpu: boolean;
}

/** Starts Chromium, asks a page what it has, and stops it. Throws where Chromium does not start. */
export async function askChromium(options: LaunchOptions = launchOptions): Promise<ChromiumAbilities> {
  const browser = await chromium.launch(options);
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    // A page of localhost is a secure context, without which there is no WebGPU. Nothing listens there, nor need it.
    await page.route('**', (route) => route.fulfill({contentType: 'text/html', body: ''}));
    await page.goto('http://localhost/');
    return await page.evaluate(async () => ({
      webgl: Boolean(document.createElement('canvas').getContext('webgl2')?.getExtension('EXT_color_buffer_float')),
      webgpu: Boolean(await navigator.gpu?.requestAdapter()),
    }));
  } finally {
    await browser.close();
  }
}
