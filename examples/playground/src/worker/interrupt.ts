import * as tf from '@tensorflow/tfjs-core';
import type {StopSign} from './protocol.js';

/** Thrown out of a step that was told to stop; nothing of the step is applied. */
export class Interrupted extends Error {
  constructor() {
    super('the training was stopped');
  }
}

/** An address is asked for at most every so many milliseconds: that costs more than a look at shared memory. */
const PATIENCE = 100;

/** Lets the page stop a step at its next operation: while a step runs, its thread hears no message. */
export class Interrupt {
  #armed = false;
  #isSet = false;
  #look = () => false;

  constructor() {
    const engine = tf.engine();
    const startScope = engine.startScope.bind(engine);
    // Each operation opens a scope first, in the forward and in the backward pass.
    engine.startScope = (name?: string) => {
      if (this.#armed && (this.#isSet || this.#look())) {
        this.#armed = false;
        this.#isSet = true;
        throw new Interrupted();
      }
      startScope(name);
    };
  }

  /** From here on that sign is looked at. */
  watch(sign: StopSign): void {
    this.#isSet = false;
    this.#look = typeof sign === 'string' ? isRevoked(sign) : isRaised(sign);
  }

  get isSet(): boolean {
    return this.#isSet;
  }

  /** Stops what runs, by a message that came between two steps. */
  set(): void {
    this.#isSet = true;
  }

  /** Whether an operation may be broken off: while gradients are made, never while weights change. */
  arm(armed: boolean): void {
    this.#armed = armed;
  }

  /** Lets an optimizer's steps be broken off while their gradients are made. */
  guard<Optimizer extends tf.Optimizer>(optimizer: Optimizer): Optimizer {
    const apply = optimizer.applyGradients.bind(optimizer);
    optimizer.applyGradients = (gradients) => {
      this.arm(false);
      apply(gradients);
    };
    return optimizer;
  }
}

function isRaised(sign: SharedArrayBuffer): () => boolean {
  const flag = new Int32Array(sign);
  return () => Atomics.load(flag, 0) !== 0;
}

/** Synchronous, since nothing else is while a step runs. */
function isRevoked(address: string): () => boolean {
  let lookedAt = performance.now();
  return () => {
    if (performance.now() - lookedAt < PATIENCE) return false;
    const request = new XMLHttpRequest();
    request.open('GET', address, false);
    try {
      request.send();
    } catch {
      return true;
    }
    lookedAt = performance.now();
    return false;
  };
}
