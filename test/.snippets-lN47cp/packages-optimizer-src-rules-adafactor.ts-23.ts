





















import {adafactor, dynamicSubset} from '@subset-tuning/optimizer';
const optimizer = dynamicSubset(adafactor({learningRate: 0.01}), {density: 0.01});