import {conformanceCases} from '@subset-tuning/kernels/conformance';
import {setBackend} from '@tensorflow/tfjs-core';
import {register} from './register.js';

register();
await setBackend('toy');
let passed = 0;
let failed = 0;
for (const {name, run} of conformanceCases({path: 'fused'})) {
  try {
    await run();
    passed++;
  } catch (error) {
    console.error(`${name}: ${error}`);
    failed++;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
