import {chromium, type LaunchOptions} from 'playwright';

/**
 * How the tests start Chromium: Debian's, or the one that `CHROMIUM` names. WebGL and WebGPU by its software renderer, so
 * that no GPU is needed; the rest keeps it from looking for servers.
 */
export const launchOptions: LaunchOptions = {
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
};

/** Starts Chromium and stops it. */
export async function startChromium(): Promise<void> {
  const browser = await chromium.launch(launchOptions);
  await browser.close();
}
