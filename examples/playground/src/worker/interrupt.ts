import * as tf from '@tensorflow/tfjs-core';

/** Thrown out of a step that was told to stop; nothing of the step is applied. */
export class Interrupted extends Error {
  constructor() {
    super('the training was stopped');
  }
}

/**
 * Lets the page stop a step at its next operation. While a step runs its thread hears no message; it sees only memory
 * that it shares with the page, where the page is isolated. Elsewhere a step ends first.
 */
export class Interrupt {
  #armed = false;
  readonly #flag: Int32Array;

  constructor(flag: Int32Array) {
    this.#flag = flag;
    const engine = tf.engine();
    const startScope = engine.startScope.bind(engine);
    // Each operation opens a scope first, in the forward and in the backward pass.
    engine.startScope = (name?: string) => {
      if (this.#armed && Atomics.load(this.#flag, 0) !== 0) {
        this.#armed = false;
        throw new Interrupted();
      }
      startScope(name);
    };
  }

  get isSet(): boolean {
    return Atomics.load(this.#flag, 0) !== 0;
  }

  set(value: boolean): void {
    Atomics.store(this.#flag, 0, value ? 1 : 0);
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
