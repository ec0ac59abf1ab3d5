import {
  createState,
  Info,
  Path,
  readInfo,
  readState,
  stateFromArrays,
  subsetStep,
  TopKMask,
  topKMask,
} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, describe, expect, it, vi} from 'vitest';
import {register} from './register.js';
import type {WebGlBackend} from './webgl-backend.js';

const numbers = {
  rule: 'momentum',
  learningRate: 1,
  weightDecay: 0,
  decayTowards: 'zero',
  momentum: 0.5,
  nesterov: false,
} as const;

function step(parameters: tf.Tensor[], gradients: tf.Tensor[], k: number): ReturnType<typeof subsetStep> {
  const sizes = parameters.map(({size}) => size);
  const slots = [parameters.map((parameter) => tf.zerosLike(parameter))];
  return subsetStep({parameters, gradients, slots, state: createState(sizes), numbers, k});
}

describe('on webgl', () => {
  register();
  const backend = tf.backend() as unknown as WebGlBackend;
  const {gl} = backend.gpgpu;

  afterEach(() => {
    vi.restoreAllMocks();
    expect(gl.getError()).toBe(gl.NO_ERROR);
  });

  it('takes tensors as tfjs keeps them: packed four to a texel, sliced, reshaped, still on the host', async () => {
    const values = Float32Array.from({length: 37 * 51}, (_, i) => Math.sin(i));
    const plain = tf.tensor2d(values, [37, 51]);
    const packed = tf.mul(plain, tf.scalar(1));
    const long = tf.tensor1d(Float32Array.of(7, 8, 9, ...values, 6));
    const sliced = tf.reshape(tf.slice(long, [3], [values.length]), [37, 51]);
    const reshaped = tf.reshape(tf.mul(tf.tensor1d(values), tf.scalar(1)), [37, 51]);
    expect(backend.texData.get(packed.dataId).isPacked).toBe(true);
    const want = await topKMask(tf.tensor2d(values, [37, 51]), 100).data<'bool'>();
    expect(want.reduce((sum, bit) => sum + bit)).toBe(100);
    expect(backend.texData.get(sliced.dataId).slice?.flatOffset).toBe(3);
    for (const x of [packed, sliced, reshaped, tf.clone(plain)]) {
      expect(await topKMask(x, 100).data()).toEqual(want);
      const {parameters} = step([tf.zerosLike(plain)], [x], 100);
      expect(await parameters[0].data()).toEqual(values.map((value, i) => (want[i] === 1 ? -value : 0)));
    }
  });

  it('reads nothing back in a step', async () => {
    const parameters = [tf.zeros([1000])];
    const gradients = [tf.randomNormal([1000])];
    const reads = (['readPixels', 'fenceSync', 'finish'] as const).map((name) =>
      vi.spyOn(gl as WebGL2RenderingContext, name),
    );
    const {state} = step(parameters, gradients, 10);
    for (const read of reads) expect(read).not.toHaveBeenCalled();
    const info = await readInfo(state);
    expect([info[Info.size], info[Info.path]]).toEqual([10, Path.miss]);
  });

  it('makes no texture once it has those of a step', () => {
    tf.tidy(() => {
      const parameters = [tf.zeros([300]), tf.zeros([1000])];
      const gradients = parameters.map(({size}) => tf.randomNormal([size]));
      const create = vi.spyOn(gl, 'createTexture');
      let first = 0;
      for (let i = 0; i < 4; i++) {
        tf.tidy(() => {
          step(parameters, gradients, 10);
        });
        if (i === 0) first = create.mock.calls.length;
      }
      expect(first).toBeGreaterThan(0);
      expect(create).toHaveBeenCalledTimes(first);
    });
  });

  it('keeps whole words in halves', async () => {
    const mask = Int32Array.of(-1, 0x12345678, 1 << 31);
    const info = Int32Array.from({length: 16}, (_, i) => (i === Info.threshold ? 0x3f9d70a4 : 2 ** 24 + 1 + i));
    const state = stateFromArrays([mask, Float32Array.of(2 ** -149, -0), info]);
    expect(state.map(({size}) => size)).toEqual([6, 2, 32]);
    // By way of the device, where int32 is kept in floats.
    const [uploaded, , uploadedInfo] = state.map((tensor) => tf.add(tensor, tf.zerosLike(tensor)));
    expect(await readState([uploaded, state[1], uploadedInfo])).toEqual([mask, Float32Array.of(2 ** -149, -0), info]);
  });

  it.each([
    ['WEBGL_RENDER_FLOAT32_ENABLED', false, 'tensors are half floats (WEBGL_RENDER_FLOAT32_CAPABLE is true'],
    ['WEBGL_VERSION', 1, 'the device has WebGL 1; expected WebGL 2'],
  ] as const)('refuses a device where %s is %s', async (flag, value, message) => {
    const x = tf.tensor1d([1, 2]);
    const before = tf.env().get(flag);
    tf.env().set(flag, value);
    try {
      expect(() => topKMask(x, 1)).toThrow(`${TopKMask} on webgl: ${message}`);
    } finally {
      tf.env().set(flag, before);
    }
    expect([...(await topKMask(x, 1).data())]).toEqual([0, 1]);
  });

  it('leaves everything as it was where it throws', async () => {
    const parameters = [tf.tensor1d([1, 2, 3])];
    const slots = [[tf.ones([3])]];
    const state = createState([3]);
    const {numTensors} = tf.memory();
    const ids = tf.engine().backend.numDataIds();
    vi.spyOn(gl as WebGL2RenderingContext, 'drawArrays').mockImplementation(() => {
      throw new Error('no more draws');
    });
    expect(() => subsetStep({parameters, gradients: parameters, slots, state, numbers, k: 1})).toThrow('no more draws');
    vi.restoreAllMocks();
    expect([tf.memory().numTensors, tf.engine().backend.numDataIds()]).toEqual([numTensors, ids]);
    expect([...(await slots[0][0].data())]).toEqual([1, 1, 1]);
  });

  it('names a lost context in the error', () => {
    const x = tf.tensor1d([1, 2]);
    topKMask(x, 1);
    gl.getExtension('WEBGL_lose_context')?.loseContext();
    expect(() => topKMask(x, 1)).toThrow(`${TopKMask} on webgl: the context was lost`);
    expect(gl.getError()).toBe(gl.CONTEXT_LOST_WEBGL);
  });
});
