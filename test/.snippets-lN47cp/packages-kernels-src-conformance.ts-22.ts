





















import {conformanceCases} from '@subset-tuning/kernels/conformance';
await tf.setBackend('mine');
register();
describe('conformance', () => {
  for (const {name, run} of conformanceCases({path: 'fused'})) it(name, run);
});