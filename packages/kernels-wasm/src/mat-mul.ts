import type {TensorInfo} from '@tensorflow/tfjs-core';
import {broadcast_util} from '@tensorflow/tfjs-core';
import * as binary from './generated/mat-mul.js';
import {loadModule} from './load-module.js';
import {ARGUMENTS, argumentsOf, split} from './products.js';
import {type Threads, threadsOf} from './threads.js';
import {allocate, memoryOf, pointerTo, type WasmBackend, withScratch} from './wasm-backend.js';

interface MatMulModule {
  scratchBytes(m: number, n: number, k: number): number;
  /** Takes what {@link argumentsOf} gives, and the address of scratch memory. */
  multiply(...numbers: number[]): void;
  fillRows(c: number, row: number, rows: number, columns: number): void;
}

export interface MatMulInputs {
  a: TensorInfo;
  b: TensorInfo;
  transposeA: boolean;
  transposeB: boolean;
  /** Added to each row: float32 `[n]`. */
  bias?: TensorInfo | undefined;
}

/**
 * op(a)·op(b) (+ bias) of float32 tensors of rank 2 or more, where op transposes the last two dimensions if told to.
 * The dimensions before them are broadcast against each other. See `assembly/mat-mul.ts` for how. On as
 * many threads as the backend has, where there is enough to do. Scratch memory: at most 1.2 MiB a thread.
 *
 * @throws if the inner dimensions differ, the outer ones do not broadcast, or the heap has no room.
 */
export function matMul(inputs: MatMulInputs, backend: WasmBackend): TensorInfo {
  const {a, b, transposeA, transposeB, bias} = inputs;
  const [aRows, aColumns] = a.shape.slice(-2);
  const [bRows, bColumns] = b.shape.slice(-2);
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (inner !== k) {
    throw new Error(
      `matMul: the inner dimensions ${k} and ${inner} differ, of a [${a.shape}] and b [${b.shape}] with ` +
        `transposeA=${transposeA} and transposeB=${transposeB}`,
    );
  }
  const aOuter = a.shape.slice(0, -2);
  const bOuter = b.shape.slice(0, -2);
  const outer = broadcast_util.assertAndGetBroadcastShape(aOuter, bOuter);
  const loops = batchLoops(outer, aOuter, bOuter, 4 * m * k, 4 * k * n);
  // Rows of a that share one b are one product with more rows.
  const rows = !transposeA && loops[0]?.b === 0 && loops[0].a === 4 * m * k ? m * (loops.shift()?.count ?? 1) : m;
  const {count, a: aStep, b: bStep} = loops.shift() ?? {count: 1, a: 0, b: 0};

  const out = allocate(backend, [...outer, m, n], 'float32');
  const total = outer.reduce((product, size) => product * size, m);
  if (total * n === 0) return out;
  try {
    const module = loadModule<MatMulModule>(binary, memoryOf(backend));
    const threads = rows * n * k * count < WORTH_THREADS ? undefined : threadsOfProducts(backend);
    const scratchBytes = (module.scratchBytes(rows, n, k) + 15) & ~15;
    const size = threads?.size ?? 1;
    withScratch(backend, size * scratchBytes, (scratch) => {
      const outAt = pointerTo(backend, out);
      if (bias) module.fillRows(outAt, pointerTo(backend, bias), total, n);
      const [aRow, bRow, cRow] = [4 * (transposeA ? rows : k), 4 * (transposeB ? k : n), 4 * n];
      const sizes = {aRow, aStep, bRow, bStep, cRow, cStep: rows * cRow, batch: count, m: rows, n, k};
      const form = {transposeA, transposeB, accumulate: bias !== undefined};
      let c = outAt;
      for (const offset of offsets(loops)) {
        const [aAt, bAt] = [pointerTo(backend, a) + offset.a, pointerTo(backend, b) + offset.b];
        const products = {a: aAt, b: bAt, c, ...sizes, ...form};
        if (threads && size > 1) {
          threads.run(split(products, size).map(argumentsOf), module.multiply, {scratch, scratchBytes, threads: size});
        } else {
          module.multiply(...argumentsOf(products), scratch);
        }
        c += count * rows * cRow;
      }
    });
  } catch (error) {
    backend.disposeData(out.dataId, true);
    throw error;
  }
  return out;
}

/** Fewer multiplications than this, in all of a batch, gain nothing (measured): another thread takes as long to wake up. */
const WORTH_THREADS = 2 ** 22;

/** The threads that multiply along, where the backend has several. Asking for them starts them. */
export function threadsOfProducts(backend: WasmBackend): Threads | undefined {
  return threadsOf(backend, binary, 'multiply', ARGUMENTS);
}

/** A loop over products: how often, and how many bytes further each operand is the next time (0: the same again). */
interface Loop {
  count: number;
  a: number;
  b: number;
}

/** The loops, from the innermost, that run through the broadcast dimensions `outer`; as few as the strides allow. */
function batchLoops(outer: number[], aOuter: number[], bOuter: number[], aBytes: number, bBytes: number): Loop[] {
  const loops: Loop[] = [];
  for (let back = 1; back <= outer.length; back++) {
    const count = outer[outer.length - back];
    const aSize = aOuter[aOuter.length - back] ?? 1;
    const bSize = bOuter[bOuter.length - back] ?? 1;
    const a = aSize === 1 ? 0 : aBytes;
    const b = bSize === 1 ? 0 : bBytes;
    aBytes *= aSize;
    bBytes *= bSize;
    if (count === 1) continue;
    const within = loops.at(-1);
    if (within && a === within.a * within.count && b === within.b * within.count) within.count *= count;
    else loops.push({count, a, b});
  }
  return loops;
}

/** The operands' offsets at each turn of the loops, of which the last is the outermost. */
function* offsets(loops: readonly Loop[]): Generator<{a: number; b: number}> {
  const outermost = loops.at(-1) ?? {count: 1, a: 0, b: 0};
  const within = loops.slice(0, -1);
  for (let i = 0; i < outermost.count; i++) {
    const at = {a: i * outermost.a, b: i * outermost.b};
    if (within.length === 0) yield at;
    else for (const {a, b} of offsets(within)) yield {a: at.a + a, b: at.b + b};
  }
}
