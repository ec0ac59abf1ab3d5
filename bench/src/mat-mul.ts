import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {register} from '@subset-tuning/kernels-wasm';
import {getThreadsCount} from '@tensorflow/tfjs-backend-wasm';

/** Milliseconds. */
export interface Times {
  median: number;
  min: number;
  max: number;
}

export interface MatMulRow {
  question: 'matMul';
  backend: 'wasm';
  /** What the product is for. */
  use: string;
  /** The operands, with ᵀ where the product transposes them. */
  shape: string;
  ours: Times & {gflops: number};
  /** How many threads the backend had. */
  threads: number;
  /**
   * The stock kernel on the same operands; or on a plain 2-D product, its times scaled to as many operations. Where there
   * are several threads: ours on one; or tf.transpose and the stock kernel, in place of its same form.
   */
  other: Times & {name: Other; gflops: number};
  /** other.median / ours.median */
  ratio: number;
}

type Other = 'stock, same form' | 'stock, plain 2-D' | 'stock, transposed first' | 'ours, one thread';

interface Product {
  use: string;
  a: number[];
  b: number[];
  transposeA?: boolean;
  transposeB?: boolean;
}

/**
 * Is matMul on wasm as fast transposed and batched as it is plain? For the shapes of a training step: of the demo's
 * model (width 160, 5 heads of 32, hidden 448, vocabulary 2048; 1024 tokens) and of a Llama of 135 million parameters
 * (576, 9 heads of 64, 1536, 49152; 256 tokens). Ours, the stock kernel's same form, and the stock kernel's plain 2-D
 * product of the same sizes are timed in turn.
 *
 * On several threads, ours on one is measured beside. A transposed product by the stock kernel alone would take most of the
 * time, so operands are transposed first there.
 *
 * @param log Gets a line for each row.
 * @param options How many seconds each shape is measured, but at least 3 times; how many threads the backend must have.
 */
export async function matMul(
  log: (line: string) => void = console.log,
  {seconds = 2, threads = 1} = {},
): Promise<MatMulRow[]> {
  await tf.setBackend('wasm');
  if (getThreadsCount() !== threads) throw new Error(`the backend has ${getThreadsCount()} threads, not ${threads}`);
  const rows: MatMulRow[] = [];
  for (const product of PRODUCTS) {
    for (const row of await measure(product, seconds * 1000, threads)) {
      rows.push(row);
      log(
        [
          row.use.padEnd(26),
          row.shape.padEnd(28),
          `${row.ours.median.toFixed(2)} ms`.padStart(10),
          `${row.ours.gflops.toFixed(1)} GFLOP/s`.padStart(13),
          row.other.name.padStart(18),
          `${row.other.gflops.toFixed(1)} GFLOP/s`.padStart(13),
          `× ${row.ratio.toFixed(2)}`.padStart(8),
        ].join(' '),
      );
    }
  }
  return rows;
}

async function measure(product: Product, budget: number, threads: number): Promise<MatMulRow[]> {
  const {use, a: aShape, b: bShape, transposeA = false, transposeB = false} = product;
  const [m, k] = order(aShape, transposeA);
  const [, n] = order(bShape, transposeB);
  const batch = tf.util.sizeFromShape(aShape.slice(0, -2));
  const operations = 2 * batch * m * k * n;
  // A small product says nothing of the plain rate: a batch is compared with one product about as large as all of it.
  const plainSizes = batch > 1 ? [1024, 160, 448] : [m, k, n];
  const scale = operations / (2 * plainSizes[0] * plainSizes[1] * plainSizes[2]);

  const a = tf.randomUniform(aShape, -1, 1);
  const b = tf.randomUniform(bShape, -1, 1);
  const plainA = tf.randomUniform([plainSizes[0], plainSizes[1]], -1, 1);
  const plainB = tf.randomUniform([plainSizes[1], plainSizes[2]], -1, 1);
  const form = () => time(() => tf.matMul(a, b, transposeA, transposeB));
  const plain = () => scale * time(() => tf.matMul(plainA, plainB));
  const replaced = () => {
    const undo = register({replace: ['BatchMatMul']});
    const took = form();
    undo();
    return took;
  };
  const transposedFirst = () =>
    time(() => tf.tidy(() => tf.matMul(transposeA ? swap(a) : a, transposeB ? swap(b) : b)));
  const others: [Other, () => number][] =
    threads === 1
      ? [
          ['stock, same form', form],
          ['stock, plain 2-D', plain],
        ]
      : [
          ['ours, one thread', () => onOneThread(replaced)],
          ['stock, transposed first', transposedFirst],
          ['stock, plain 2-D', plain],
        ];
  const sides = [replaced, ...others.map(([, run]) => run)];

  // Engines optimise a WebAssembly function after some calls.
  for (let i = 0; i < 3; i++) for (const run of sides) run();
  const times: number[][] = sides.map(() => []);
  const end = performance.now() + budget;
  while (times[0].length < 3 || (performance.now() < end && times[0].length < 50)) {
    for (const [i, run] of sides.entries()) {
      // The backend's threads look for more work for a while, and so would take the next side's processors.
      if (threads > 1) await new Promise((resolve) => setTimeout(resolve, 20));
      times[i].push(run());
    }
  }
  tf.dispose([a, b, plainA, plainB]);

  const [ours, ...theirs] = times.map(summary).map((x) => ({...x, gflops: operations / x.median / 1e6}));
  const shape = `[${aShape}]${transposeA ? 'ᵀ' : ''}·[${bShape}]${transposeB ? 'ᵀ' : ''}`;
  return theirs.map((other, i) => ({
    ...({question: 'matMul', backend: 'wasm', threads, use, shape, ours} as const),
    ...{other: {name: others[i][0], ...other}, ratio: other.median / ours.median},
  }));
}

/** The last two dimensions exchanged. */
function swap(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [...x.shape.slice(0, -2).keys(), x.rank - 1, x.rank - 2]);
}

/** Runs it where the backend says that it has one thread. */
function onOneThread<Result>(run: () => Result): Result {
  // Its class has this field; the published types call it private.
  const {tfjs} = (tf.backend() as unknown as {wasm: {tfjs: {getThreadsCount(): number}}}).wasm;
  const {getThreadsCount} = tfjs;
  tfjs.getThreadsCount = () => 1;
  try {
    return run();
  } finally {
    tfjs.getThreadsCount = getThreadsCount;
  }
}

function order(shape: number[], transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

function time(run: () => tf.Tensor): number {
  const start = performance.now();
  const out = run();
  const took = performance.now() - start;
  out.dispose();
  return took;
}

function summary(times: number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  return {median: sorted[sorted.length >> 1], min: sorted[0], max: sorted[sorted.length - 1]};
}

const T = {transposeA: true};
const U = {transposeB: true};
const PRODUCTS: Product[] = [
  {use: 'demo: up, plain', a: [1024, 160], b: [160, 448]},
  {use: 'demo: up', a: [1024, 160], b: [448, 160], ...U},
  {use: 'demo: up, by x', a: [1024, 448], b: [448, 160]},
  {use: 'demo: up, by W', a: [1024, 448], b: [1024, 160], ...T},
  {use: 'demo: down', a: [1024, 448], b: [160, 448], ...U},
  {use: 'demo: down, by W', a: [1024, 160], b: [1024, 448], ...T},
  {use: 'demo: q, k, v, o', a: [1024, 160], b: [160, 160], ...U},
  {use: 'demo: q, k, v, o, by W', a: [1024, 160], b: [1024, 160], ...T},
  {use: 'demo: logits', a: [1024, 160], b: [2048, 160], ...U},
  {use: 'demo: logits, by E', a: [1024, 2048], b: [1024, 160], ...T},
  {use: 'demo: both transposed', a: [1024, 160], b: [448, 1024], ...T, ...U},
  {use: 'demo: scores', a: [250, 20, 32], b: [250, 20, 32], ...U},
  {use: 'demo: context', a: [250, 20, 20], b: [250, 20, 32]},
  {use: 'demo: context, by v', a: [250, 20, 20], b: [250, 20, 32], ...T},
  {use: 'demo: scores, odd length', a: [250, 19, 32], b: [250, 19, 32], ...U},
  {use: 'demo: context, odd length', a: [250, 19, 19], b: [250, 19, 32]},
  {use: 'demo: scores, shared keys', a: [250, 20, 32], b: [1, 20, 32], ...U},
  {use: 'demo: shared weight', a: [50, 20, 160], b: [1, 448, 160], ...U},
  {use: '135M: up', a: [256, 576], b: [1536, 576], ...U},
  {use: '135M: up, by W', a: [256, 1536], b: [256, 576], ...T},
  {use: '135M: down', a: [256, 1536], b: [576, 1536], ...U},
  {use: '135M: down, by W', a: [256, 576], b: [256, 1536], ...T},
  {use: '135M: k, v', a: [256, 576], b: [192, 576], ...U},
  {use: '135M: scores', a: [9, 256, 64], b: [9, 256, 64], ...U},
  {use: '135M: context', a: [9, 256, 256], b: [9, 256, 64]},
  {use: '135M: context, by v', a: [9, 256, 256], b: [9, 256, 64], ...T},
  {use: '135M: up, 1024 tokens', a: [1024, 576], b: [1536, 576], ...U},
  {use: '135M: up, by W', a: [1024, 1536], b: [1024, 576], ...T},
  {use: '135M: logits', a: [256, 576], b: [49152, 576], ...U},
  {use: '135M: logits, by E', a: [256, 49152], b: [256, 576], ...T},
];
