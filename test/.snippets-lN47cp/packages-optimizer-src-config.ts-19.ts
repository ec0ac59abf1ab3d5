

















import {adamw, ruleFromConfig} from '@subset-tuning/optimizer';
const rule = ruleFromConfig(adamw({learningRate: 1e-3}).config);