









import * as tf from '@tensorflow/tfjs';
import {createState, kernelPath, readSubset, type SubsetStateArrays, subsetStep, topKMask} from '@subset-tuning/kernels';

await tf.setBackend('cpu');

// The two largest magnitudes, without a sort or a readback.
topKMask(tf.tensor1d([3, -5, 0, 4]), 2).print(); // [false, true, false, true]

// One step of gradient descent that may change one weight of this silo of two tensors.
const parameters = [tf.tensor1d([1, 2, 3]), tf.tensor2d([[4], [5]])];
const gradients = [tf.tensor1d([0, -0.5, 2]), tf.tensor2d([[1], [1]])];
const numbers = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'} as const;
const step = subsetStep({parameters, gradients, slots: [], state: createState([3, 2]), numbers, k: 1});
step.parameters[0].print(); // [1, 2, 1]: the third moved farthest
step.parameters[1].print(); // [[4], [5]]: the seed, bit for bit

// The state is the delta: which weights differ from the seed, and what the seed was there.
const [mask, seeds, info] = step.state;
const arrays: SubsetStateArrays = [await mask.data<'int32'>(), await seeds.data<'float32'>(), await info.data<'int32'>()];
console.log(readSubset(arrays, [3, 2])); // positions [2] with seeds [3], and none
console.log(kernelPath('SubsetStep')); // fused or fallback