

















import {adam, dynamicSubset} from '@subset-tuning/optimizer';
const optimizer = dynamicSubset(adam({learningRate: 1e-3}), {density: 0.01});