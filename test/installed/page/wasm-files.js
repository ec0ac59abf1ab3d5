import {register} from '@subset-tuning/kernels-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import {takeStep} from './take-step.js';

globalThis.takeStep = async (threads) => {
  // What docs/browser.md says to do where the bundler breaks threads.
  if (!threads) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  register();
  return takeStep(tf, 'wasm');
};
