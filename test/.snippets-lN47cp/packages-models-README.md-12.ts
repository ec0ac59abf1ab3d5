










import * as tf from '@tensorflow/tfjs';
import {collate, loadModel} from '@subset-tuning/models';

const model = await loadModel('packages/models/golden/tiny-llama');

const source = model.tokenizer.encode('Where do you live?<de>');
const target = model.tokenizer.encode('Wo wohnen Sie?', {addSpecialTokens: false});
const batch = collate([{ids: [...source, ...target, 2], sourceLength: source.length}]);

const optimizer = tf.train.adam(0.01);
for (let step = 0; step < 40; step++) optimizer.minimize(() => model.loss(batch));

console.log(await model.generate(['Where do you live?<de>'])); // ['Wo wohnen Sie?']

optimizer.dispose();
model.dispose();