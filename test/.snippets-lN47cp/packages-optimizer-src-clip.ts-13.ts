











import * as tf from '@tensorflow/tfjs';
import {clipScale} from '@subset-tuning/optimizer';
clipScale([tf.tensor1d([3, 4])], 1).print(); // 0.2