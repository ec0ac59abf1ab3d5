import '@tensorflow/tfjs-backend-webgl';
import {register} from '@subset-tuning/kernels-webgl';
import {takeStep as takeStepOn} from './take-step.js';

export function takeStep() {
  register();
  return takeStepOn('webgl');
}
