import {type Remote, wrap} from 'comlink';
import type {BackendName, TrainingEvents, TrainingJob, TrainingResult} from '../worker/protocol.js';
import type {Session} from '../worker/session.js';
import {createStopSign, type RaisableSign} from './stop-sign.js';

/** A worker with a session on one backend. */
export class Client {
  readonly session: Remote<Session>;
  readonly #worker: Worker;
  #stop: RaisableSign | undefined;
  /** Rejects when the worker itself fails, which its calls would never tell. */
  readonly failed: Promise<never>;
  #fail: (reason: Error) => void = () => undefined;

  constructor() {
    this.#worker = new Worker(new URL('../worker/worker.ts', import.meta.url), {type: 'module', name: 'model'});
    this.session = wrap<Session>(this.#worker);
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
      this.#worker.addEventListener('error', (event) => {
        reject(new Error(`the worker failed (${event.message || 'its script did not load'}). Reload the page.`));
      });
    });
    this.failed.catch(() => undefined);
  }

  /** A call of the session, which fails where the worker does. */
  call<T>(work: (session: Remote<Session>) => Promise<T>): Promise<T> {
    return Promise.race([work(this.session), this.failed]);
  }

  start(backend: BackendName): Promise<string> {
    return this.call((session) => session.start(backend));
  }

  /** From here on {@link stop} is of the next training. */
  expectTraining(): void {
    this.#stop?.raise();
    this.#stop = createStopSign();
  }

  async train(job: TrainingJob, events: TrainingEvents, goOn: boolean): Promise<TrainingResult> {
    this.#stop ??= createStopSign();
    const stop = this.#stop;
    try {
      return await this.call((session) => session.train(job, events, goOn, stop.sign));
    } finally {
      // An address that is not taken away stays until the page ends.
      stop.raise();
    }
  }

  /** Stops training within the step that runs. */
  async stop(): Promise<void> {
    this.#stop?.raise();
    await this.call((session) => session.stop());
  }

  /** Ends the worker; what it was asked for fails. */
  close(reason = new Error('it was ended')): void {
    this.#worker.terminate();
    this.#fail(reason);
  }
}
