import {existsSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {askChromium, launchOptions} from './chromium.js';

describe.runIf(existsSync(launchOptions.executablePath))('Chromium', () => {
  test('has no WebGPU and no WebGL without their software renderers', async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-software-rasterizer', '--disable-features=WebGPU'];
    expect(await askChromium({...launchOptions, args})).toEqual({webgl: false, webgpu: false});
  });

  test('may have WebGL alone', async () => {
    const args = launchOptions.args.filter((arg) => !/webgpu|Vulkan/.test(arg));
    expect(await askChromium({...launchOptions, args})).toEqual({webgl: true, webgpu: false});
  });
});

test('a Chromium that is not there is named', async () => {
  await expect(askChromium({executablePath: '/nonexistent/chromium'})).rejects.toThrow('/nonexistent/chromium');
});
