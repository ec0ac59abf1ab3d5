import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgl';
import {register} from '@subset-tuning/kernels-webgl';
import {activate} from './activate.js';

await activate('webgl');
register();
