import type {SiloKind} from '@subset-tuning/optimizer';

/** In what a run of the study differs from the demo's method. */
export interface Variation {
  silos?: SiloKind & string;
  /** Decay of Adam's second moment, 0.999. */
  beta2?: number;
  /** Another rule than AdamW; it keeps no second moment. */
  rule?: 'momentum' | 'sgd';
  /** The power of the second moment that weighs distances: ½ is `weighted`'s, 0 `paper`'s. */
  exponent?: number;
  /** By what the distance of a weight that is in the subset is multiplied, so that it leaves less easily. */
  hysteresis?: number;
  /** What shrinking begins with, 0.1, within what share of the steps it ends, 0.5, and its first learning rate, 0.005. */
  from?: number;
  over?: number;
  denseLearningRate?: number;
  /** Or that the first rate is the last one times this power of the last density over the first. */
  denseExponent?: number;
}
