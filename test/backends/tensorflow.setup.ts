import '@tensorflow/tfjs';
import {register} from '@subset-tuning/kernels-node';
import {activate} from './activate.js';
import {loadTfjsNode} from './load-tfjs-node.js';

loadTfjsNode();
await activate('tensorflow');
register();
