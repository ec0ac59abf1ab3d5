import '@tensorflow/tfjs-backend-webgl';
import {register} from '@subset-tuning/kernels-webgl';
import {setBackend} from '@tensorflow/tfjs';
import {QUESTIONS} from './questions.js';
import type {Grid} from './rows.js';

/** Asks a question on webgl, in the page that `in-chromium.ts` opens. */
export async function ask(question: string, grid: Grid): Promise<void> {
  if (!(await setBackend('webgl'))) throw new Error('Chromium gives no WebGL context that tfjs accepts');
  register();
  await QUESTIONS[question](grid);
}
