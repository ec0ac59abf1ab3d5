import {register} from '@subset-tuning/kernels-wasm';
import * as tf from '@tensorflow/tfjs';
import {setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import {takeStep as takeStepOn} from './take-step.js';

// Beside the page.
setWasmPaths('./');

export function takeStep() {
  register();
  return takeStepOn(tf, 'wasm');
}
