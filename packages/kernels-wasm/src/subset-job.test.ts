import {
  type AdamNumbers,
  type FusedRule,
  Info,
  maskWords,
  Path,
  packSubset,
  referenceSubsetStep,
  type SelectionAttrs,
  SLOT_COUNT,
} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';
import {beforeAll, describe, expect, test} from 'vitest';
import {randomCases} from '../../../test/scale.js';
import {type Rooms, runSubsetJob} from './subset-job.js';
import {allocate, memoryOf, pointerTo, type WasmBackend, wasmBackend} from './wasm-backend.js';

let backend: WasmBackend;
beforeAll(async () => {
  await tf.setBackend('wasm');
  backend = wasmBackend(tf.backend());
});

/** A silo in the memory of a backend, whose steps are jobs with as much scratch memory as the test gives. */
class Silo {
  readonly #backend: WasmBackend;
  readonly #sizes: number[];
  #parameters: tf.TensorInfo[];
  #outs: tf.TensorInfo[];
  readonly #slots: tf.TensorInfo[][];
  readonly #state: {mask: tf.TensorInfo; seeds: tf.TensorInfo; info: tf.TensorInfo};

  constructor(backend: WasmBackend, parameters: readonly Float32Array[], rule: FusedRule['rule']) {
    this.#backend = backend;
    this.#sizes = parameters.map(({length}) => length);
    const like = () => this.#sizes.map((size) => this.#tensor(size));
    this.#parameters = like();
    this.#outs = like();
    this.#slots = Array.from({length: SLOT_COUNT[rule]}, like);
    const total = this.#sizes.reduce((sum, size) => sum + size, 0);
    const words = maskWords(this.#sizes);
    this.#state = {mask: this.#tensor(words, 'int32'), seeds: this.#tensor(total), info: this.#tensor(16, 'int32')};
    parameters.forEach((values, i) => {
      this.#bytes(this.#parameters[i]).set(new Uint8Array(values.buffer));
    });
  }

  step(
    gradients: readonly Float32Array[],
    numbers: FusedRule,
    selection: Pick<SelectionAttrs, 'k' | 'distance' | 'eta' | 'reselect'>,
    rooms?: Rooms,
  ) {
    const tensors = gradients.map((values) => {
      const tensor = this.#tensor(values.length);
      this.#bytes(tensor).set(new Uint8Array(values.buffer));
      return tensor;
    });
    const rows = this.#sizes.map((size, i) => ({
      size,
      theta: this.#parameters[i],
      gradient: tensors[i],
      slots: this.#slots.map((slot) => slot[i]),
      out: this.#outs[i],
    }));
    runSubsetJob(this.#backend, 'subsetStep', {rows, numbers, selection, state: this.#state}, rooms);
    this.#free(tensors);
    [this.#parameters, this.#outs] = [this.#outs, this.#parameters];
    const floats = (tensor: tf.TensorInfo) => new Float32Array(Uint8Array.from(this.#bytes(tensor)).buffer);
    const ints = (tensor: tf.TensorInfo) => new Int32Array(Uint8Array.from(this.#bytes(tensor)).buffer);
    return {
      parameters: this.#parameters.map(floats),
      slots: this.#slots.map((slot) => slot.map(floats)),
      mask: ints(this.#state.mask),
      seeds: floats(this.#state.seeds),
      info: ints(this.#state.info),
    };
  }

  dispose() {
    this.#free([...this.#parameters, ...this.#outs, ...this.#slots.flat(), ...Object.values(this.#state)]);
  }

  #tensor(size: number, dtype: 'float32' | 'int32' = 'float32') {
    const tensor = allocate(this.#backend, [size], dtype);
    this.#bytes(tensor).fill(0);
    return tensor;
  }

  #bytes(tensor: tf.TensorInfo) {
    return new Uint8Array(memoryOf(this.#backend).buffer, pointerTo(this.#backend, tensor), 4 * tensor.shape[0]);
  }

  #free(tensors: readonly tf.TensorInfo[]) {
    for (const {dataId} of tensors) this.#backend.disposeData(dataId, true);
  }
}

describe('with little scratch memory', () => {
  // Multiples of 1/8: sums of them do not round, and many are equal.
  const coarse = fc.integer({min: -40, max: 40}).map((i) => i / 8);
  const odd = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, -0, 1e-40, 3e38);
  const value = fc.oneof({weight: 40, arbitrary: coarse}, {weight: 1, arbitrary: odd});
  const run = fc.record({
    sizes: fc.array(fc.oneof(fc.integer({min: 1, max: 200}), fc.constantFrom(32, 256, 1000)), {
      minLength: 1,
      maxLength: 4,
    }),
    values: fc.array(value, {minLength: 50, maxLength: 97}),
    ks: fc.array(fc.double({min: 0, max: 1, noNaN: true}), {minLength: 4, maxLength: 8}),
    rooms: fc.record({list: fc.constantFrom(16, 32, 128), log: fc.constantFrom(0, 1, 3, 16, 100)}),
    rule: fc.constantFrom('sgd', 'momentum'),
    decay: fc.constantFrom(0, 0.25),
    decayTowards: fc.constantFrom('zero', 'seed'),
    distance: fc.constantFrom('absolute', 'absolute', 'relative', 'weighted'),
    kept: fc.integer({min: 1, max: 8}),
  });

  test('lists and logs that overflow change nothing but the time', () => {
    const paths = new Set<number>();
    fc.assert(
      fc.property(run, ({sizes, values, ks, rooms, rule, decay, decayTowards, distance, kept}) => {
        let drawn = 0;
        const draw = () =>
          sizes.map((size) => {
            drawn += size;
            return Float32Array.from({length: size}, (_, i) => values[(7 * (drawn + i)) % values.length]);
          });
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const common = {learningRate: 0.5, weightDecay: decay, decayTowards} as const;
        const numbers: FusedRule =
          rule === 'sgd'
            ? {...common, rule: 'sgd'}
            : {...common, rule: 'momentum', momentum: 0.5, nesterov: ks.length % 2 === 0};
        let parameters: Float32Array[] = draw();
        let slots: Float32Array[][] = Array.from({length: SLOT_COUNT[numbers.rule]}, () =>
          sizes.map((size) => new Float32Array(size)),
        );
        const empty = sizes.map(() => ({positions: new Uint32Array(), seeds: new Float32Array()}));
        let state = packSubset(empty, sizes);
        const silo = new Silo(backend, parameters, numbers.rule);
        ks.forEach((share, i) => {
          const selection = {k: Math.round(share * total), distance, eta: 1e-8, reselect: i % 9 !== kept};
          const gradients = draw();
          const got = silo.step(gradients, numbers, selection, rooms);
          ({parameters, slots, state} = referenceSubsetStep(
            {parameters, gradients, slots, state},
            {...selection, sizes, numbers},
          ));
          const [mask, seeds, info] = state;
          expect(got.parameters).toEqual(parameters);
          expect(got.slots).toEqual(slots);
          expect(got.mask).toEqual(mask);
          const size = info[Info.size];
          expect(got.seeds.subarray(0, size)).toEqual(seeds.subarray(0, size));
          expect(got.seeds.subarray(size).every((seed) => seed === 0)).toBe(true);
          expect(got.info.subarray(0, Info.path)).toEqual(info.subarray(0, Info.path));
          paths.add(got.info[Info.path]);
        });
        silo.dispose();
      }),
      {numRuns: randomCases(500)},
    );
    expect([...paths].sort()).toEqual([Path.kept, Path.hit, Path.miss]);
  });
});

test('the module for shared memory does the same as the one for plain memory, and neither writes beyond its scratch', () => {
  const results = [false, true].flatMap((shared) =>
    [undefined, {list: 16384, log: 40}].map((rooms) => {
      const heap = new Heap(shared);
      const silo = new Silo(heap.backend, [wave(40_001, 1), wave(45, 2)], 'adam');
      const steps = [1, 2, 3, 4, 5].map((step) => {
        const selection = {k: 900 + 300 * step, distance: 'absolute', eta: 0, reselect: true} as const;
        const result = silo.step([wave(40_001, step), wave(45, -step)], adam(step), selection, rooms);
        expect(heap.isCleanBeyond).toBe(true);
        return result;
      });
      return steps[4];
    }),
  );
  for (const result of results.slice(1)) expect(result).toEqual(results[0]);
  expect(results[0].info[Info.size]).toBe(2400);
});

/** The heap of a threaded backend, which does not run in Node. It gives memory and takes none back. */
class Heap {
  readonly #memory: WebAssembly.Memory;
  readonly #offsets = new Map<object, {memoryOffset: number}>();
  #end = 1024;

  constructor(shared: boolean) {
    this.#memory = new WebAssembly.Memory({initial: 500, maximum: 65536, shared});
  }

  /** What kernels touch of a backend, on this heap. */
  get backend(): WasmBackend {
    const heap = {
      wasm: {wasmMemory: this.#memory, _malloc: (bytes: number) => this.#take(bytes), _free() {}},
      dataIdMap: this.#offsets,
      makeOutput: (shape: number[], dtype: string) => {
        const dataId = {};
        this.#offsets.set(dataId, {memoryOffset: this.#take(4 * shape[0])});
        return {dataId, shape, dtype};
      },
      disposeData: () => true,
    };
    return heap as unknown as WasmBackend;
  }

  /** Whether what follows the last piece that was taken is as it was. */
  get isCleanBeyond(): boolean {
    return new Uint8Array(this.#memory.buffer, this.#end, 2 ** 16).every((byte) => byte === 0);
  }

  #take(bytes: number): number {
    const start = this.#end;
    this.#end += Math.ceil(bytes / 8) * 8;
    return start;
  }
}

function wave(size: number, phase: number): Float32Array {
  return Float32Array.from({length: size}, (_, i) => Math.sin(i * (1 + phase / 7) + phase));
}

function adam(step: number): AdamNumbers {
  return {
    ...{
      rule: 'adam',
      learningRate: 0.01,
      weightDecay: 0.1,
      decayTowards: 'seed',
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    },
    ...{correction1: 1 - 0.9 ** step, correction2: 1 - 0.999 ** step},
  };
}
