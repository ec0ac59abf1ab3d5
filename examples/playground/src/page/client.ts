import {type Remote, wrap} from 'comlink';
import type {BackendName} from '../worker/protocol.js';
import type {Session} from '../worker/session.js';

/** A worker with a session on one backend. */
export class Client {
  readonly session: Remote<Session>;
  readonly #worker: Worker;
  /** Memory shared with the worker, where the page is isolated: a step that runs looks there. */
  readonly #flag = globalThis.crossOriginIsolated ? new SharedArrayBuffer(4) : undefined;
  /** Rejects when the worker itself fails, which its calls would never tell. */
  readonly failed: Promise<never>;

  constructor() {
    this.#worker = new Worker(new URL('../worker/worker.ts', import.meta.url), {type: 'module', name: 'model'});
    this.session = wrap<Session>(this.#worker);
    this.failed = new Promise((_, reject) => {
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
    return this.call((session) => session.start(backend, this.#flag));
  }

  /** Stops training within the step that runs, or where nothing is shared, after it. */
  async stop(): Promise<void> {
    if (this.#flag) Atomics.store(new Int32Array(this.#flag), 0, 1);
    await this.call((session) => session.stop());
  }

  close(): void {
    this.#worker.terminate();
  }
}
