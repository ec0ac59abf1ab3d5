import {type Schedule, valueAt} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/** Towards the seed. */
const DECAY = 0.01;

interface Slots {
  seed: tf.Tensor;
  mean: tf.Tensor;
  variance: tf.Tensor;
  /** 1 where the weight was in the subset before the step. */
  isMember: tf.Tensor;
}

/** AdamW in plain tfjs, that says how important its proposals are by any power of its second moment. */
export class ProposingAdam extends tf.Optimizer {
  private readonly slots = new Map<string, Slots>();

  constructor(
    private readonly learningRate: Schedule,
    private readonly exponent: number,
    private readonly hysteresis: number,
  ) {
    super();
  }

  override applyGradients(gradients: Parameters<tf.Optimizer['applyGradients']>[0]): void {
    const list = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({name, tensor}));
    const rate = valueAt(this.learningRate, this.iterations);
    const [correction1, correction2] = [BETA1, BETA2].map((beta) => 1 - beta ** (this.iterations + 1));
    for (const {name, tensor: gradient} of list) {
      const variable = tf.engine().registeredVariables[name];
      const old = this.slots.get(name) ?? firstSlots(variable);
      const next = tf.tidy(() => {
        const mean = tf.add(tf.mul(old.mean, BETA1), tf.mul(gradient, 1 - BETA1));
        const variance = tf.add(tf.mul(old.variance, BETA2), tf.mul(tf.square(gradient), 1 - BETA2));
        const isMember = tf.cast(tf.notEqual(variable, old.seed), 'float32');
        const root = tf.add(tf.sqrt(tf.div(variance, correction2)), EPSILON);
        const decayed = tf.sub(variable, tf.mul(tf.sub(variable, old.seed), rate * DECAY));
        variable.assign(tf.sub(decayed, tf.mul(tf.div(tf.div(mean, correction1), root), rate)));
        // What calls this tidies up after itself.
        return {mean: tf.keep(mean), variance: tf.keep(variance), isMember: tf.keep(isMember)};
      });
      tf.dispose([old.mean, old.variance, old.isMember]);
      this.slots.set(name, {seed: old.seed, ...next});
    }
    this.incrementIterations();
  }

  /** A variable's importances, after the step. */
  importance({name}: tf.Variable): tf.Tensor {
    const slots = this.slots.get(name);
    if (!slots) throw new Error(`${name} has no slots`);
    return tf.tidy(() =>
      tf.mul(tf.pow(slots.variance, this.exponent), tf.add(tf.mul(slots.isMember, this.hysteresis - 1), 1)),
    );
  }

  override dispose(): void {
    for (const slots of this.slots.values()) tf.dispose({...slots});
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}

function firstSlots(variable: tf.Variable): Slots {
  return {
    seed: tf.keep(variable.clone()),
    mean: tf.keep(tf.zerosLike(variable)),
    variance: tf.keep(tf.zerosLike(variable)),
    isMember: tf.keep(tf.zerosLike(variable)),
  };
}
