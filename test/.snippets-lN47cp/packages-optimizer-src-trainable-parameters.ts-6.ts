




import {trainableParameters} from '@subset-tuning/optimizer';
trainableParameters(160, 1_598_880);
// 'trainable params: 160 || all params: 1,598,880 || trainable%: 0.0100'