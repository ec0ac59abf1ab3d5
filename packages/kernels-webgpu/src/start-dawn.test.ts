import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';

// That it starts one is shown by all tests on webgpu.
test('says what is missing where Dawn finds no driver, and leaves the globals alone', async () => {
  const script = `
    const {startDawn} = await import('@subset-tuning/kernels-webgpu/node');
    const error = await startDawn().catch(String);
    console.log(JSON.stringify([error, globalThis.navigator?.gpu === undefined, 'GPUDevice' in globalThis]));
  `;
  const env = {...process.env, VK_DRIVER_FILES: '/nonexistent', VK_ICD_FILENAMES: '/nonexistent'};
  const cwd = import.meta.dirname;
  const {stdout} = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {cwd, env});
  const [error, lacksGpu, hasGlobals] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(error).toContain('startDawn: Dawn finds no driver of Vulkan, Metal or Direct3D 12');
  expect([lacksGpu, hasGlobals]).toEqual([true, false]);
});
