import {availableParallelism} from 'node:os';
import {MessageChannel} from 'node:worker_threads';
import type {CurvePoint} from '@subset-tuning/trainer';
import {Tinypool} from 'tinypool';
import type {BackendName} from './backend-names.js';
import * as tasks from './tasks.js';

export type Tasks = typeof tasks;

/** Runs tasks, as many at a time as there is room for. */
export interface Runner {
  measureSeed: Tasks['measureSeed'];
  tuneAndMeasure(input: tasks.TuneInput, onStep?: (point: CurvePoint) => void): ReturnType<Tasks['tuneAndMeasure']>;
  proveDelta: Tasks['proveDelta'];
  close(): Promise<void>;
}

/** How many tasks run at a time, each in a thread with its own copy of tfjs; 0: here, one after another. */
export function threadsFor(backend: BackendName): number {
  // The tensorflow backend uses all cores by itself, tfjs on wasm and cpu one.
  return backend === 'tensorflow' ? 0 : Math.min(2, availableParallelism());
}

/** A runner with as many threads as {@link threadsFor} says. */
export function createRunner(backend: BackendName): Runner {
  const threads = threadsFor(backend);
  if (threads === 0) return inTurn();
  const pool = new Tinypool({
    filename: new URL('./tasks.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    isolateWorkers: false,
  });
  return {
    measureSeed: (input) => pool.run(input, {name: 'measureSeed'}),
    proveDelta: (input) => pool.run(input, {name: 'proveDelta'}),
    async tuneAndMeasure(input, onStep) {
      const {port1, port2} = new MessageChannel();
      port1.on('message', (point: CurvePoint) => onStep?.(point));
      try {
        return await pool.run({...input, port: port2}, {name: 'tuneAndMeasure', transferList: [port2]});
      } finally {
        port1.close();
      }
    },
    close: () => pool.destroy(),
  };
}

function inTurn(): Runner {
  let last: Promise<unknown> = Promise.resolve();
  const next = <T>(task: () => Promise<T>): Promise<T> => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    measureSeed: (input) => next(() => tasks.measureSeed(input)),
    proveDelta: (input) => next(() => tasks.proveDelta(input)),
    tuneAndMeasure: (input, onStep) =>
      next(async () => {
        const {port1, port2} = new MessageChannel();
        port1.on('message', (point: CurvePoint) => onStep?.(point));
        try {
          return await tasks.tuneAndMeasure({...input, port: port2});
        } finally {
          port1.close();
        }
      }),
    close: async () => {},
  };
}
