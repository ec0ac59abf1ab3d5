import {compile, type WasmBinary} from './load-module.js';
import {isThreaded, memoryOf, type WasmBackend} from './wasm-backend.js';

// Where the words lie that all threads see: how many threads have started; how often there was work; how many calls of it
// nobody has taken yet, or less than 0; how many are done; whether one threw; where the caller's scratch memory lies, and how
// many bytes further the next thread's; for how many threads there is some, the caller's included.
const STARTED = 0;
const TURN = 1;
const LEFT = 2;
const DONE = 3;
const FAILED = 4;
const SCRATCH = 5;
const SCRATCH_BYTES = 6;
const THREADS = 7;
const WORDS = 8;
const MOST_CALLS = 64;

/**
 * What a thread does: sleep until there is work, and take calls until none is left. As text, for a minifier renames what a
 * function's text refers to.
 */
const SCRIPT = `onmessage = ({data: {module, memory, words, calls, name, width}}) => {
  const run = new WebAssembly.Instance(module, {env: {memory}}).exports[name];
  const thread = 1 + Atomics.add(words, ${STARTED}, 1);
  for (let turn = 0; ; turn = Atomics.load(words, ${TURN})) {
    for (let call; thread < words[${THREADS}] && (call = Atomics.sub(words, ${LEFT}, 1) - 1) >= 0; Atomics.add(words, ${DONE}, 1)) {
      try {
        const scratch = words[${SCRATCH}] + thread * words[${SCRATCH_BYTES}];
        run(...calls.subarray(call * width, (call + 1) * width), scratch);
      } catch {
        Atomics.store(words, ${FAILED}, 1);
      }
    }
    Atomics.wait(words, ${TURN}, turn);
  }
};`;

/** Threads that call a function of one of our modules along with the caller. */
export class Threads {
  readonly #words = new Int32Array(new SharedArrayBuffer(WORDS * 4));
  readonly #calls: Float64Array;
  readonly #workers: Worker[];

  /**
   * Threads start when the caller's thread next pauses; until then the caller is alone.
   *
   * @param count How many, besides the caller's.
   * @param name The function that is called, with `width` numbers and the address of scratch memory.
   */
  constructor(count: number, binary: WasmBinary, memory: WebAssembly.Memory, name: string, width: number) {
    this.#calls = new Float64Array(new SharedArrayBuffer(MOST_CALLS * width * 8));
    const url = URL.createObjectURL(new Blob([SCRIPT], {type: 'text/javascript'}));
    const work = {module: compile(binary, memory), memory, words: this.#words, calls: this.#calls, name, width};
    this.#workers = Array.from({length: count}, () => {
      const worker = new Worker(url);
      worker.postMessage(work);
      return worker;
    });
  }

  /** How many threads work: those that have started, and the caller's. */
  get size(): number {
    return 1 + Atomics.load(this.#words, STARTED);
  }

  /**
   * Makes the calls, in any order and at once. A thread takes one after another, so that one which is kept from running
   * holds up one call at most. The caller's thread works too, and then waits by looking: a page's may not sleep.
   *
   * @param calls The numbers of each call, at most 64 calls.
   * @param memory Scratch memory of so many bytes for each of so many threads, end to end.
   * @throws if one of them does.
   */
  run(
    calls: readonly (readonly number[])[],
    call: (...numbers: number[]) => void,
    {scratch, scratchBytes, threads}: {scratch: number; scratchBytes: number; threads: number},
  ): void {
    const words = this.#words;
    words[SCRATCH] = scratch;
    words[SCRATCH_BYTES] = scratchBytes;
    words[THREADS] = threads;
    for (const [i, numbers] of calls.entries()) this.#calls.set(numbers, i * numbers.length);
    Atomics.store(words, DONE, 0);
    Atomics.store(words, LEFT, calls.length);
    Atomics.add(words, TURN, 1);
    Atomics.notify(words, TURN);
    for (let own = take(words); own >= 0; own = take(words)) {
      try {
        call(...calls[own], scratch);
      } catch {
        Atomics.store(words, FAILED, 1);
      }
      Atomics.add(words, DONE, 1);
    }
    while (Atomics.load(words, DONE) < calls.length);
    if (Atomics.exchange(words, FAILED, 0)) throw new Error('kernels-wasm: a thread of a matrix product failed');
  }

  end(): void {
    for (const worker of this.#workers) worker.terminate();
  }
}

/** The call that the caller's thread is to make next; less than 0 where none is left. */
function take(words: Int32Array): number {
  return Atomics.sub(words, LEFT, 1) - 1;
}

const pools = new WeakMap<WebAssembly.Memory, Threads>();

/** As many threads as the backend has itself, the caller's included; undefined where that is one. */
export function threadsOf(backend: WasmBackend, binary: WasmBinary, name: string, width: number): Threads | undefined {
  if (!isThreaded(backend) || typeof Worker !== 'function') return undefined;
  const memory = memoryOf(backend);
  const found = pools.get(memory);
  if (found) return found;
  const threads = new Threads(backend.wasm.tfjs.getThreadsCount() - 1, binary, memory, name, width);
  pools.set(memory, threads);
  return threads;
}

/** Ends the threads of a backend that is removed. */
export function endThreads(backend: WasmBackend): void {
  const memory = memoryOf(backend);
  pools.get(memory)?.end();
  pools.delete(memory);
}
