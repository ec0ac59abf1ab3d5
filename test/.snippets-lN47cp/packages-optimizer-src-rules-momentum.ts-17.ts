















import {dynamicSubset, momentum} from '@subset-tuning/optimizer';
const optimizer = dynamicSubset(momentum({learningRate: 0.01, nesterov: true}), {parameters: 1000});