import {createState, type FusedRule, Info, Path, subsetProject, subsetStep, topKMask} from '@subset-tuning/kernels';
import '@tensorflow/tfjs-backend-cpu';
import {clone, dispose, memory, setBackend, type Tensor, tensor1d, zeros} from '@tensorflow/tfjs-core';
import {beforeAll, describe, expect, it, vi} from 'vitest';
import {register} from './register.js';

beforeAll(async () => {
  await setBackend('cpu');
  register();
});

const momentum: FusedRule = {
  rule: 'momentum',
  momentum: 0.5,
  nesterov: false,
  learningRate: 1,
  weightDecay: 0,
  decayTowards: 'zero',
};

/** The lists of the window's candidates, and the counts of the histograms. */
const CONSTANT = 3 * 2 ** 20;

/** What a step does with memory. */
interface Use {
  /** Bytes of each typed array that it makes, whether or not it keeps it, largest first. */
  made: number[];
  isHit: boolean;
}

/** A step for each gradient, always from the same parameters. */
function usesOf(n: number, k: number, gradientArrays: Float32Array[]): Use[] {
  const parameters = [zeros([n])];
  let slots: Tensor[][] = [[zeros([n])]];
  let state = createState([n], k);
  const uses = gradientArrays.map((array) => {
    const gradients = [tensor1d(array)];
    const {numBytes} = memory();
    const [step, made] = listBytes(() => subsetStep({parameters, gradients, slots, state, numbers: momentum, k}));
    expect(memory().numBytes - numBytes).toBe(4 * n);
    dispose([step.parameters, gradients]);
    ({slots, state} = step);
    return {made, isHit: state[2].dataSync()[Info.path] === Path.hit};
  });
  dispose([parameters, slots, state]);
  return uses;
}

/** Runs and lists the bytes of all typed arrays that are made meanwhile with memory of their own, largest first. */
function listBytes<T>(run: () => T): [result: T, bytes: number[]] {
  const bytes: number[] = [];
  for (const type of [Float32Array, Int32Array, Uint32Array, Uint8Array]) {
    const construct = (target: typeof type, args: [number]) => {
      const array = new target(...args);
      if (array.buffer !== (args[0] as unknown)) bytes.push(array.byteLength);
      return array;
    };
    vi.stubGlobal(type.name, new Proxy(type, {construct}));
  }
  try {
    return [run(), bytes.sort((a, b) => b - a)];
  } finally {
    vi.unstubAllGlobals();
  }
}

const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);

describe('whose memory is whose', () => {
  it('writes slots, seeds and info in place, and new parameters into new memory', () => {
    const parameters = [tensor1d([1, 2, 3])];
    const gradients = [tensor1d([0, 1, -2])];
    const slot = tensor1d([0, 0, 0]);
    const state = createState([3], 1);
    const [, seeds, info] = state;
    const arrays = [slot.dataSync(), seeds.dataSync(), info.dataSync()];
    const step = subsetStep({parameters, gradients, slots: [[slot]], state, numbers: momentum, k: 1});
    expect(step.slots[0][0].dataSync()).toBe(arrays[0]);
    expect(step.state[1].dataSync()).toBe(arrays[1]);
    expect(step.state[2].dataSync()).toBe(arrays[2]);
    expect(arrays[0]).toEqual(Float32Array.of(0, 1, -2));
    expect(parameters[0].dataSync()).toEqual(Float32Array.of(1, 2, 3));
    expect(gradients[0].dataSync()).toEqual(Float32Array.of(0, 1, -2));
    expect(step.parameters[0].dataSync()).toEqual(Float32Array.of(1, 2, 5));
  });

  it('copies slots and state that another tensor shares', () => {
    const parameters = [tensor1d([1, 2, 3])];
    const gradients = [tensor1d([0, 1, -2])];
    const slot = tensor1d([0, 0, 0]);
    const state = createState([3], 1);
    const witnesses: Tensor[] = [slot, ...state].map((tensor) => clone(tensor));
    const before = witnesses.map((tensor) => tensor.dataSync().slice());
    const step = subsetStep({parameters, gradients, slots: [[slot]], state, numbers: momentum, k: 1});
    expect(witnesses.map((tensor) => tensor.dataSync())).toEqual(before);
    expect(step.slots[0][0].dataSync()).toEqual(Float32Array.of(0, 1, -2));
    expect(step.state[1].dataSync()).toEqual(Float32Array.of(3));
  });

  it('leaves proposals and current values alone that are one tensor', () => {
    const current = [tensor1d([1, 2, 3])];
    const {parameters} = subsetProject({proposals: current, current, state: createState([3]), k: 2});
    expect(parameters[0].dataSync()).toEqual(Float32Array.of(1, 2, 3));
    expect(parameters[0].dataSync()).not.toBe(current[0].dataSync());
  });

  // The same constant for a size and four times that: everything else grows with n as it is said to.
  it.each([
    [1_000_000, 1e-4],
    [1_000_000, 0.5],
    [4_000_000, 1e-4],
    [4_000_000, 0.5],
  ])('holds a hit of %d elements at density %d to the new parameters, a bit each, and a constant', (n, density) => {
    const gradient = Float32Array.from({length: n}, (_, i) => Math.imul(i, 0x9e3779b1) / 2 ** 31);
    const hits = usesOf(n, Math.round(density * n), Array(8).fill(gradient)).filter(({isHit}) => isHit);
    expect(hits).not.toEqual([]);
    for (const {made} of hits) {
      expect(sum(made)).toBeGreaterThanOrEqual(4 * n + n / 8);
      expect(sum(made)).toBeLessThan(4 * n + n / 8 + CONSTANT);
    }
  });

  it('sets aside the seeds of at most the old subset, where all of it leaves', () => {
    const n = 4_000_000;
    const k = n / 2;
    // First the second half moves; then, farther, the first, whose seeds come before those that were not read yet.
    const [late, early] = [0, 1].map((step) =>
      Float32Array.from({length: n}, (_, i) => (i < k === step > 0 ? 1 + 9 * step : 0.01)),
    );
    const [, {made}] = usesOf(n, k, [late, early]);
    expect(made[0]).toBe(4 * n);
    // A list that is full gives way to a larger one, up to this.
    expect(made[1]).toBeGreaterThan(3 * k);
    expect(made[1]).toBeLessThanOrEqual(4 * k);
  });

  it('gives a mask its own memory', () => {
    const x = tensor1d([1, -2, 3]);
    expect(topKMask(x, 3).dataSync()).toEqual(Uint8Array.of(1, 1, 1));
    expect(x.dataSync()).toEqual(Float32Array.of(1, -2, 3));
  });
});
