import * as tf from '@tensorflow/tfjs';
import {describe, expect, it} from 'vitest';
import {HostTensor, hostCopy} from './host-tensor.js';

const make = () => new HostTensor(Float32Array.of(1, -2, 3, 0.5, 0, 7), [2, 3], 'float32');
/** Values, and how many tensors and bytes the engine has more than before once nothing runs. */
async function residue(run: () => Promise<unknown>): Promise<{result: unknown; tensors: number; bytes: number}> {
  const before = tf.memory();
  const result = await run();
  const after = tf.memory();
  return {result, tensors: after.numTensors - before.numTensors, bytes: after.numBytes - before.numBytes};
}
const read = async (tensor: tf.Tensor) => {
  const values = await tensor.array();
  tensor.dispose();
  return values;
};

describe('a tensor on the host', () => {
  it('is a tensor, with its values at hand', async () => {
    const host = make();
    expect(host instanceof tf.Tensor).toBe(true);
    expect([host.shape, host.rank, host.size, host.dtype, host.rankType]).toEqual([[2, 3], 2, 6, 'float32', '2']);
    expect(host.dataSync()).toEqual(await host.data());
    expect(host.arraySync()).toEqual(await host.array());
    expect(host.arraySync()).toEqual([
      [1, -2, 3],
      [0.5, 0, 7],
    ]);
    expect(host.bufferSync().get(0, 1)).toBe(-2);
    expect((await host.buffer()).get(1, 2)).toBe(7);
    expect(Array.from(await host.bytes())).toEqual([...new Uint8Array(Float32Array.of(1, -2, 3, 0.5, 0, 7).buffer)]);
    expect(host.toString()).toBe('Tensor\n    [[1  , -2, 3],\n     [0.5, 0 , 7]]');
    expect(new HostTensor(Int32Array.of(5), [], 'int32').toString()).toBe('Tensor\n    5');
  });

  const ops: Record<string, (host: tf.Tensor) => tf.Tensor> = {
    add: (host) => tf.add(host, 1),
    'add to itself': (host) => host.add(host),
    clone: (host) => tf.clone(host),
    'clone of a clone': (host) => tf.tidy(() => tf.clone(tf.clone(host))),
    reshape: (host) => tf.reshape(host, [6]),
    cast: (host) => tf.cast(host, 'int32'),
    matMul: (host) => tf.matMul(host, host, false, true),
    mean: (host) => tf.mean(host),
    concat: (host) => tf.concat([host, tf.zeros([1, 3])]),
    'a gradient for it': (host) => tf.grad((x) => tf.sum(tf.square(x)))(host),
    'a variable': (host) => tf.variable(host).mul(2),
    'a variable by method': (host) => host.variable().mul(2),
  };
  it.each(Object.entries(ops))('goes into %s, and leaves nothing', async (_, op) => {
    const host = make();
    const expected = await read(tf.tidy(() => op(tf.tensor2d([1, -2, 3, 0.5, 0, 7], [2, 3]))));
    tf.disposeVariables();
    // The values twice: what was lent once is gone.
    for (let time = 0; time < 2; time++) {
      const {result, tensors, bytes} = await residue(async () => {
        const values = await read(tf.tidy(() => op(host)));
        tf.disposeVariables();
        return values;
      });
      expect(result).toEqual(expected);
      expect([tensors, bytes]).toEqual([0, 0]);
    }
    const outside = await residue(async () => read(tf.add(host, 1)));
    expect([outside.tensors, outside.bytes]).toEqual([0, 0]);
  });

  it('gives an op its own copy: what becomes of that is not its business', async () => {
    const host = make();
    const variable = tf.variable(host);
    const sum = tf.add(variable, 1);
    variable.assign(sum);
    expect(Array.from(host.dataSync())).toEqual([1, -2, 3, 0.5, 0, 7]);
    host.dispose();
    expect(await variable.array()).toEqual([
      [2, -1, 4],
      [1.5, 1, 8],
    ]);
    tf.dispose([variable, sum]);
  });

  it('outlives a tidy, and is gone when disposed of', async () => {
    const host = tf.tidy(() => make());
    expect(host.isDisposed).toBe(false);
    expect(await read(tf.tidy(() => tf.mul(host, 1)))).toEqual(host.arraySync());
    tf.dispose([host, {again: host}]);
    expect(host.isDisposed).toBe(true);
    for (const use of [() => host.dataSync(), () => tf.add(host, 1), () => host.clone()]) {
      expect(use).toThrow('Tensor is disposed.');
    }
    await expect(host.data()).rejects.toThrow('Tensor is disposed.');
  });

  it.each(['float32', 'int32', 'bool'] as const)('copies and encodes %s', async (dtype) => {
    const tensor = tf.tensor1d([1, 0, 1], dtype);
    const copy = await hostCopy(tensor);
    tensor.dispose();
    expect([copy.shape, copy.dtype, Array.from(await copy.data())]).toEqual([[3], dtype, [1, 0, 1]]);
    const {data, specs} = await tf.io.encodeWeights([{name: 'copy', tensor: copy}]);
    const {copy: decoded} = tf.io.decodeWeights(data, specs);
    expect([decoded.shape, decoded.dtype, Array.from(await decoded.data())]).toEqual([[3], dtype, [1, 0, 1]]);
    decoded.dispose();
  });
});
