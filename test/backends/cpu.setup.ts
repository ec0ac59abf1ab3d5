import '@tensorflow/tfjs';
import {register} from '@subset-tuning/kernels-cpu';
import {activate} from './activate.js';

await activate('cpu');
register();
