







import {dynamicSubset, sgd} from '@subset-tuning/optimizer';
const optimizer = dynamicSubset(sgd({learningRate: 0.1}), {density: 0.01});