


































import {loadModel} from '@subset-tuning/models';
const model = await loadModel('path/to/folder');
console.log(await model.generate(['Where do you live?<de>']));
model.dispose();