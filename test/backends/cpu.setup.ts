import '@tensorflow/tfjs';
import {activate} from './activate.js';

await activate('cpu');
