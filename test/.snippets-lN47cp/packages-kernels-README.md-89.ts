























































































import {
  referenceTopKMask,
  TopKMask,
  type TopKMaskAttrs,
  type TopKMaskInputs,
} from '@subset-tuning/kernels';
import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs';

function register(): void {
  tf.registerKernel({
    kernelName: TopKMask,
    backendName: 'cpu',
    kernelFunc: ({inputs, attrs, backend}) => {
      // The types of tfjs know neither arrays of inputs nor attributes of a kernel of your own.
      const [x, y] = inputs as unknown as TopKMaskInputs;
      const cpu = backend as tf.KernelBackend;
      const values = (tensor: tf.TensorInfo) => cpu.readSync(tensor.dataId) as Float32Array;
      const mask = referenceTopKMask(values(x), y && values(y), attrs as unknown as TopKMaskAttrs);
      return {dataId: cpu.write(mask, x.shape, 'bool'), shape: x.shape, dtype: 'bool'};
    },
  });
}

await tf.setBackend('cpu');
register();
for (const {name, run} of conformanceCases({path: 'fused', kernels: [TopKMask], random: 100})) {
  console.log(name);
  await run(); // or it(name, run) in a test runner
}