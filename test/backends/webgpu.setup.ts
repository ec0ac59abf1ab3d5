import '@tensorflow/tfjs';
import {register} from '@subset-tuning/kernels-webgpu';
import {startDawn} from '@subset-tuning/kernels-webgpu/node';
import {activate} from './activate.js';

await startDawn();
// Looks for navigator.gpu when it is imported.
await import('@tensorflow/tfjs-backend-webgpu');
await activate('webgpu');
register();
