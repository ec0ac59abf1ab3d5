import '@tensorflow/tfjs';
import {register} from '@subset-tuning/kernels-webgpu';
import {activate} from './activate.js';
import {startDawn} from './start-dawn.js';

startDawn();
// Looks for navigator.gpu when it is imported.
await import('@tensorflow/tfjs-backend-webgpu');
await activate('webgpu');
register();
