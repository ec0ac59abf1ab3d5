import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import {register} from '@subset-tuning/kernels-webgpu';
import {activate} from './activate.js';

await activate('webgpu');
register();
