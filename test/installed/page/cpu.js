import {register} from '@subset-tuning/kernels-cpu';
import * as tf from '@tensorflow/tfjs';
import {takeStep as takeStepOn} from './take-step.js';

export function takeStep() {
  register();
  return takeStepOn(tf, 'cpu');
}
