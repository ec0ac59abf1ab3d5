import {register} from '@subset-tuning/kernels-cpu';
import {takeStep as takeStepOn} from './take-step.js';

export function takeStep() {
  register();
  return takeStepOn('cpu');
}
