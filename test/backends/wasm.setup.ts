import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {register} from '@subset-tuning/kernels-wasm';
import {activate} from './activate.js';

await activate('wasm');
register();
