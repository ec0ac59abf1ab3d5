































import {adamw, cosine, dynamicSubset, warmup} from '@subset-tuning/optimizer';
const learningRate = warmup({steps: 10, then: cosine({from: 3e-3, to: 0, steps: 90})});
const optimizer = dynamicSubset(adamw({learningRate, decayTowards: 'seed'}), {density: 1e-3});