import '@tensorflow/tfjs-backend-webgl';
import {register} from '@subset-tuning/kernels-webgl';
import {backend, setBackend} from '@tensorflow/tfjs';
import {QUESTIONS} from './questions.js';
import type {Grid} from './rows.js';

/** Asks a question on webgl, in the page that `in-chromium.ts` opens. */
export async function ask(question: string, grid: Omit<Grid, 'device' | 'inARow'>): Promise<void> {
  if (!(await setBackend('webgl'))) throw new Error('Chromium gives no WebGL context that tfjs accepts');
  register();
  // Its class has this field; the published types call it private.
  const {gl} = (backend() as unknown as {gpgpu: {gl: WebGL2RenderingContext}}).gpgpu;
  const renderer = gl.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER;
  await QUESTIONS[question]({...grid, device: String(gl.getParameter(renderer)), inARow: 1});
}
