import {type AdamNumbers, createState, Info, Path, subsetStep, topKMask} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {afterEach, beforeAll, describe, expect, test, vi} from 'vitest';
import {testScale} from '../../../test/scale.js';
import {denseAdamStep} from './dense-adam-step.js';
import {register} from './register.js';
import {allocate, memoryOf, pointerTo, type WasmBackend, wasmBackend} from './wasm-backend.js';

const MiB = 2 ** 20;
let backend: WasmBackend;
beforeAll(async () => {
  await tf.setBackend('wasm');
  register();
  backend = wasmBackend(tf.backend());
  // Emscripten puts its functions in place at their first calls.
  tf.zeros([1]).dispose();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const adam = (step: number): AdamNumbers => ({
  ...{rule: 'adam', learningRate: 0.01, weightDecay: 0, decayTowards: 'zero', beta1: 0.9, beta2: 0.999, epsilon: 1e-8},
  ...{correction1: 1 - 0.9 ** step, correction2: 1 - 0.999 ** step},
});

/** A silo of two tensors of n elements in all, and the k of a share of them. */
function makeSilo(n: number, density: number) {
  const sizes = [n - 77, 77];
  return {
    k: Math.round(density * n),
    parameters: sizes.map((size, i) => tf.randomNormal([size], 0, 0.02, 'float32', i + 1) as tf.Tensor),
    slots: [0, 1].map(() => sizes.map((size) => tf.zeros([size]) as tf.Tensor)),
    state: createState(sizes),
    step: 0,
  };
}
type Silo = ReturnType<typeof makeSilo>;

function advance(silo: Silo): void {
  const {k, parameters, slots, state} = silo;
  const gradients = parameters.map(({shape}, i) => tf.randomNormal(shape, i, 1, 'float32', 100 * silo.step + i + 1));
  const next = subsetStep({parameters, gradients, slots, state, k, numbers: adam(silo.step + 1)});
  tf.dispose([parameters, gradients]);
  Object.assign(silo, next, {step: silo.step + 1});
}

const everything = ({parameters, slots, state}: Silo) => [...parameters, ...slots.flat(), ...state];
const contents = (silo: Silo) => everything(silo).map((tensor) => tensor.dataSync().slice());

test('kernels give the same above 2 GiB, and while the heap grows', () => {
  const run = () =>
    tf.tidy(() => {
      const silo = makeSilo(40_000, 0.02);
      for (let i = 0; i < 4; i++) advance(silo);
      return [...contents(silo), topKMask(silo.parameters[0], 700).dataSync().slice()];
    });
  const below = run();
  // Uninitialised heap costs address space, no memory. Smaller pieces fill what is left below 2 GiB.
  const padding: tf.TensorInfo[] = [];
  for (const bytes of [1.125 * 2 ** 30, MiB, MiB / 16, 2 ** 10]) {
    do padding.push(allocate(backend, [bytes], 'bool'));
    while (pointerTo(backend, padding[padding.length - 1]) < 2 ** 31);
  }
  expect(run()).toEqual(below);
  if (testScale >= 1) growWhileStepping();
  for (const {dataId} of padding) backend.disposeData(dataId, true);
});

/** Steps with so many elements that the heap, full up to here, has no room for the result. */
function growWhileStepping(): void {
  tf.tidy(() => {
    // The heap grows by at most 96 MiB more than it must: the result needs more.
    const n = 26 * MiB;
    const parameters = [tf.ones([n])];
    const before = memoryOf(backend).buffer.byteLength;
    const numbers = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'} as const;
    const step = subsetStep({parameters, gradients: parameters, slots: [], state: createState([n]), k: 3, numbers});
    expect(memoryOf(backend).buffer.byteLength).toBeGreaterThan(before);
    expect([...step.parameters[0].dataSync().subarray(0, 5)]).toEqual([0, 0, 0, 1, 1]);
  });
}

describe('a step', () => {
  // The same 11 MiB for a size and four times that: everything else grows with n as it is said to.
  test.each([[3_000_000, 1e-3], [3_000_000, 0.5], ...(testScale >= 1 ? [[12_000_000, 0.5]] : [])])(
    'of %d elements at density %d takes memory for the new ones and at most 11 MiB',
    (n, density) => {
      const {wasm} = backend;
      const pieces = new Map<number, number>();
      let live = 0;
      let most = 0;
      const malloc = wasm._malloc;
      const free = wasm._free;
      vi.spyOn(wasm, '_malloc').mockImplementation((bytes) => {
        const start = malloc(bytes);
        pieces.set(start >>> 0, bytes);
        live += bytes;
        most = Math.max(most, live);
        return start;
      });
      vi.spyOn(wasm, '_free').mockImplementation((start) => {
        live -= pieces.get(start >>> 0) ?? 0;
        pieces.delete(start >>> 0);
        free(start);
      });
      const silo = makeSilo(n, density);
      advance(silo);
      const paths = new Set<number>();
      const size = memoryOf(backend).buffer.byteLength;
      const before = tf.memory();
      const ids = everything(silo).map(({dataId}) => dataId);
      for (let i = 0; i < 8; i++) {
        // A direction and noise; the last step goes far away from where its window is expected.
        const scale = i < 7 ? 1 : 1e9;
        const gradients = silo.parameters.map(({shape}) =>
          tf.tidy(() =>
            tf.add(
              tf.randomNormal(shape, 0, scale, 'float32', 1),
              tf.randomNormal(shape, 0, scale / 4, 'float32', i + 2),
            ),
          ),
        );
        const {parameters, slots, state, k} = silo;
        const start = live;
        most = live;
        const next = subsetStep({parameters, gradients, slots, state, k, numbers: adam(i + 2)});
        expect(most - start).toBeGreaterThanOrEqual(4 * n);
        expect(most - start).toBeLessThanOrEqual(4 * n + 11 * MiB);
        expect(live - start).toBe(4 * n);
        tf.dispose([parameters, gradients]);
        Object.assign(silo, next);
        paths.add(silo.state[2].dataSync()[Info.path]);
      }
      expect(paths).toEqual(new Set([Path.hit, Path.miss]));
      // Slots and state are the same pieces of memory as before, and as many.
      expect(
        everything(silo)
          .map(({dataId}) => dataId)
          .slice(2),
      ).toEqual(ids.slice(2));
      expect(tf.memory().numTensors).toBe(before.numTensors);
      expect(tf.memory().numBytes).toBe(before.numBytes);
      expect(memoryOf(backend).buffer.byteLength).toBeLessThanOrEqual(size + 4 * n + 11 * MiB);
      expect(silo.state[0].size * 4 + silo.state[1].size * 4).toBe(4 * (Math.ceil((n - 77) / 32) + 3) + 4 * silo.k);
      tf.dispose(everything(silo));
      expect(live).toBe(0);
    },
  );

  test('predicts: its window hits when gradients have a direction', () => {
    for (const density of [1e-3, 0.1, 1]) {
      const silo = makeSilo(200_000, density);
      for (let i = 0; i < 30; i++) advance(silo);
      const info = silo.state[2].dataSync();
      expect(info[Info.hits] + info[Info.misses]).toBe(30);
      expect(info[Info.misses]).toBeGreaterThan(0);
      expect(info[Info.hits]).toBeGreaterThanOrEqual(20);
      tf.dispose(everything(silo));
    }
  });

  test('its window hits while the budget shrinks', () => {
    const silo = makeSilo(200_000, 1);
    const settled = () => {
      const info = silo.state[2].dataSync();
      return [info[Info.hits], info[Info.misses]];
    };
    let before = [0, 0];
    for (let i = 0; i < 40; i++) {
      if (i === 10) before = settled();
      silo.k = Math.round(200_000 * 0.001 ** (i / 40));
      advance(silo);
    }
    const [hits, misses] = settled().map((count, i) => count - before[i]);
    expect(hits + misses).toBe(30);
    expect(hits).toBeGreaterThanOrEqual(0.95 * 30);
    tf.dispose(everything(silo));
  });

  test('changes nothing when any of its allocations fails', () => {
    const silo = makeSilo(5000, 0.01);
    for (let i = 0; i < 3; i++) advance(silo);
    const gradients = silo.parameters.map(({shape}) => tf.ones(shape));
    const mask = () => topKMask(gradients[0], 5);
    const step = () => {
      const {parameters, slots, state} = silo;
      return subsetStep({parameters, gradients, slots, state, k: 60, numbers: adam(4)});
    };
    const dense = () => denseAdamStep(silo.parameters[0], gradients[0], [silo.slots[0][0], silo.slots[1][0]], adam(4));
    const {wasm} = backend;
    const malloc = wasm._malloc;
    const before = contents(silo);
    const memory = tf.memory();
    for (const [run, allocations] of [
      [mask, 2],
      [dense, 2],
      [step, 4],
    ] as const) {
      for (let failing = 0; failing < allocations; failing++) {
        let count = 0;
        const spy = vi.spyOn(wasm, '_malloc').mockImplementation((bytes) => (count++ === failing ? 0 : malloc(bytes)));
        expect(run).toThrow(/kernels-wasm: the wasm heap .* has no room for/);
        expect(count).toBe(failing + 1);
        spy.mockRestore();
      }
    }
    expect(contents(silo)).toEqual(before);
    expect(tf.memory()).toEqual(memory);
    tf.dispose([Object.values(step()).flat(2), gradients, silo.parameters]);
  });
});
