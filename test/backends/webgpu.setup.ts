import {register} from '@subset-tuning/kernels-webgpu';
import {startDawn} from '@subset-tuning/kernels-webgpu/node';
import {env} from '@tensorflow/tfjs';
import {activate} from './activate.js';

await startDawn();
const adapter = await navigator.gpu.requestAdapter();
// Looks for navigator.gpu when it is imported.
await import('@tensorflow/tfjs-backend-webgpu');
// For each number of a product of at most 128 numbers tfjs has 256 threads, which wait for one another eight times. A GPU
// does that fast, a software renderer a millisecond a number: there all products take tfjs's shader for small ones (2).
if (adapter?.info.isFallbackAdapter) env().set('WEBGPU_MATMUL_PROGRAM_TYPE', 2);
await activate('webgpu');
register();
